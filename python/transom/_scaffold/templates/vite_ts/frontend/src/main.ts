// The main window: a greeting, and a card for each job.
import { greet, openPulse } from "./api";
import { type Job, jobs, messageOf, READY, run } from "./jobs";
import "./style.css";

const app = document.querySelector("#app")!;
app.innerHTML = `
  <main>
    <header>
      <div>
        <h1></h1>
        <p class="lead muted">A window of Tauri, with Python behind it.</p>
      </div>
      <button id="open" type="button">Open the pulse</button>
    </header>
    <section class="greeting card">
      <form id="greet">
        <input id="name" aria-label="Your name" placeholder="Your name" value="Ada" required />
        <button class="primary">Greet</button>
      </form>
      <output id="said" class="muted">Python answers here.</output>
    </section>
    <section id="jobs" class="jobs" aria-label="Jobs"></section>
    <footer>The commands are in <code>hello_app/commands.py</code>.</footer>
  </main>`;
find("h1").textContent = document.title;

const said = find<HTMLOutputElement>("#said");
find("#greet").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    said.value = await greet({ name: find<HTMLInputElement>("#name").value });
    said.className = "";
  } catch (error) {
    said.value = messageOf(error);
    said.className = "failed";
  }
});
find("#open").addEventListener("click", () => void openPulse());
find("#jobs").append(...jobs.map(card));

function card(job: Job): HTMLElement {
  const title = element("div", "title");
  title.append(element("h2", "", job.title), element("span", `chip ${job.runsOn}`, job.runsOn));
  const bar = element("progress", "");
  const said = element("p", "said", READY.said);
  const button = element("button", "", "Start");
  bar.value = 0;

  let abort: AbortController | null = null;
  button.addEventListener("click", async () => {
    if (abort) return abort.abort();
    abort = new AbortController();
    button.textContent = "Stop";
    await run(job, abort.signal, (shown) => {
      bar.value = shown.progress;
      said.textContent = shown.said;
      said.className = `said ${shown.state}`;
    });
    abort = null;
    button.textContent = "Start";
  });

  const found = element("article", "job card");
  found.append(title, element("p", "muted", job.about), bar, said, button);
  return found;
}

function find<T extends Element = HTMLElement>(css: string): T {
  return app.querySelector<T>(css)!;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const found = document.createElement(name);
  found.className = className;
  found.textContent = text;
  return found;
}
