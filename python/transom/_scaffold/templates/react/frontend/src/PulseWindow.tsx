import { useEffect, useState } from "react";
import { follow, type Line } from "./beats";

/** A stream, drawn as a line. */
export function PulseWindow() {
  const [line, setLine] = useState<Line>({ late: "…", points: "" });

  useEffect(() => {
    const abort = new AbortController();
    void follow(abort.signal, setLine);
    return () => abort.abort();
  }, []);

  return (
    <main className="pulse">
      <header>
        <div>
          <h1>Pulse</h1>
          <p className="muted">How late Python's event loop is, ten times a second.</p>
        </div>
        <output className="figure">{line.late}</output>
      </header>
      <section className="chart card">
        <svg viewBox="0 0 100 40" preserveAspectRatio="none">
          <polyline points={line.points} />
        </svg>
      </section>
    </main>
  );
}
