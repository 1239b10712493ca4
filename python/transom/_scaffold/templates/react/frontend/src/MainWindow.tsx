import { useState } from "react";
import { greet, openPulse } from "./api";
import { JobCard } from "./JobCard";
import { jobs, messageOf } from "./jobs";

/** A greeting, and a card for each job. */
export function MainWindow() {
  return (
    <main>
      <header>
        <div>
          <h1>{document.title}</h1>
          <p className="lead muted">A window of Tauri, with Python behind it.</p>
        </div>
        <button type="button" onClick={() => void openPulse()}>
          Open the pulse
        </button>
      </header>
      <Greeting />
      <section className="jobs" aria-label="Jobs">
        {jobs.map((job) => (
          <JobCard key={job.title} job={job} />
        ))}
      </section>
      <footer>
        The commands are in <code>hello_app/commands.py</code>.
      </footer>
    </main>
  );
}

function Greeting() {
  const [name, setName] = useState("Ada");
  const [said, setSaid] = useState({ text: "Python answers here.", look: "muted" });

  async function ask(): Promise<void> {
    try {
      setSaid({ text: await greet({ name }), look: "" });
    } catch (error) {
      setSaid({ text: messageOf(error), look: "failed" });
    }
  }

  return (
    <section className="greeting card">
      <form
        id="greet"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <input
          aria-label="Your name"
          placeholder="Your name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
        />
        <button className="primary">Greet</button>
      </form>
      <output id="said" className={said.look}>
        {said.text}
      </output>
    </section>
  );
}
