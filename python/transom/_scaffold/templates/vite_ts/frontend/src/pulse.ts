// The second window: a stream, drawn as a line.
import { follow } from "./beats";
import "./style.css";

const app = document.querySelector("#app")!;
app.innerHTML = `
  <main class="pulse">
    <header>
      <div>
        <h1>Pulse</h1>
        <p class="muted">How late Python's event loop is, ten times a second.</p>
      </div>
      <output class="figure">…</output>
    </header>
    <section class="chart card">
      <svg viewBox="0 0 100 40" preserveAspectRatio="none"><polyline /></svg>
    </section>
  </main>`;

const figure = app.querySelector("output")!;
const polyline = app.querySelector("polyline")!;

await follow(new AbortController().signal, ({ late, points }) => {
  figure.value = late;
  polyline.setAttribute("points", points);
});
