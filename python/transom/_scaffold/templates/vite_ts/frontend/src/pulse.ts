// The second window: a stream, drawn as a line, and an event.
import { follow } from "./beats";
import { hear, NOBODY } from "./greetings";
import "./style.css";

const app = document.querySelector("#app")!;
app.innerHTML = `
  <main class="pulse">
    <header>
      <div>
        <h1>Pulse</h1>
        <p class="muted">How late Python's event loop is.</p>
      </div>
      <output class="figure">…</output>
    </header>
    <section class="chart card">
      <svg viewBox="0 0 100 40" preserveAspectRatio="none"><polyline /></svg>
    </section>
    <footer>${NOBODY}</footer>
  </main>`;

const figure = app.querySelector("output")!;
const polyline = app.querySelector("polyline")!;
const footer = app.querySelector("footer")!;
const { signal } = new AbortController();

await hear(signal, (said) => (footer.textContent = said));
await follow(signal, ({ late, points }) => {
  figure.value = late;
  polyline.setAttribute("points", points);
});
