import { useEffect, useRef, useState } from "react";
import { type Job, READY, run } from "./jobs";

/** A job with its button, its progress and its result. */
export function JobCard({ job }: { job: Job }) {
  const [shown, setShown] = useState(READY);
  const abort = useRef<AbortController>(null);
  const running = shown.state === "running";

  // A card that goes stops its job.
  useEffect(() => () => abort.current?.abort(), []);

  function toggle(): void {
    if (running) return abort.current?.abort();
    abort.current = new AbortController();
    void run(job, abort.current.signal, setShown);
  }

  return (
    <article className="job card">
      <div className="title">
        <h2>{job.title}</h2>
        <span className={`chip ${job.runsOn}`}>{job.runsOn}</span>
      </div>
      <p className="muted">{job.about}</p>
      <progress value={shown.progress} />
      <p className={`said ${shown.state}`}>{shown.said}</p>
      <button type="button" onClick={toggle}>
        {running ? "Stop" : "Start"}
      </button>
    </article>
  );
}
