import { useEffect, useState } from "react";
import { follow, type Line } from "./beats";
import { hear, NOBODY } from "./greetings";

/** A stream, drawn as a line, and an event. */
export function PulseWindow() {
  const [line, setLine] = useState<Line>({ late: "…", points: "" });
  const [said, setSaid] = useState(NOBODY);

  useEffect(() => {
    const abort = new AbortController();
    void follow(abort.signal, setLine);
    void hear(abort.signal, setSaid);
    return () => abort.abort();
  }, []);

  return (
    <main className="pulse">
      <header>
        <div>
          <h1>Pulse</h1>
          <p className="muted">How late Python's event loop is.</p>
        </div>
        <output className="figure">{line.late}</output>
      </header>
      <section className="chart card">
        <svg viewBox="0 0 100 40" preserveAspectRatio="none">
          <polyline points={line.points} />
        </svg>
      </section>
      <footer>{said}</footer>
    </main>
  );
}
