// The main window: a greeting, and a card for each job.
import { jobs, run } from "./jobs.js";

const { pyInvoke } = window.__TAURI__.transom;
const byId = (id) => document.getElementById(id);

byId("greet").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = byId("said");
  try {
    said.value = await pyInvoke("greet", { name: byId("name").value });
    said.className = "";
  } catch (error) {
    said.value = error.message;
    said.className = "failed";
  }
});

byId("open").addEventListener("click", () => pyInvoke("open_pulse"));

byId("jobs").append(...jobs.map(card));

function card(job) {
  const title = element("div", "title");
  title.append(element("h2", "", job.title), element("span", `chip ${job.runsOn}`, job.runsOn));
  const bar = element("progress", "");
  const said = element("p", "said", "Ready");
  const button = element("button", "", "Start");
  bar.value = 0;

  let abort = null;
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

function element(name, className, text = "") {
  const found = document.createElement(name);
  found.className = className;
  found.textContent = text;
  return found;
}
