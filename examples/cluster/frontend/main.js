const { pyInvoke } = window.__TAURI__.transom;
const find = (id) => document.getElementById(id);
const canvas = find("canvas");
const paper = canvas.getContext("2d");
/** What each process of the cluster draws and has drawn, by "node/process". */
let processes = new Map();
let stopping = new AbortController();

find("stop").onclick = () => stopping.abort();

find("order").onsubmit = async (event) => {
  event.preventDefault();
  stopping = new AbortController();
  processes = new Map();
  paper.clearRect(0, 0, canvas.width, canvas.height);
  show();
  find("draw").disabled = true;
  find("stop").disabled = false;
  const order = { text: find("text").value, width: canvas.width, height: canvas.height };
  try {
    const tiles = await pyInvoke("plan", order);
    let done = 0;
    const say = () => tell(`${done} of ${tiles.length} tiles`);
    say();
    await Promise.all(
      tiles.map(async (tile) => {
        await draw(order, tile);
        done += 1;
        say();
      }),
    );
    tell(`Done: ${tiles.length} tiles.`);
  } catch (error) {
    // The other tiles are of no use now.
    stopping.abort();
    tell(error.name === "AbortError" ? "Stopped." : error.message);
  }
  find("draw").disabled = false;
  find("stop").disabled = true;
};

/** Has one tile drawn, and puts it where it belongs. */
async function draw(order, tile) {
  let process;
  try {
    const pixels = await pyInvoke("draw", { ...order, tile }, {
      signal: stopping.signal,
      onProgress: ({ message }) => {
        process ??= begin(message);
      },
    });
    const [x, y, width, height] = tile;
    paper.putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), x, y);
    if (process) process.done += 1;
  } finally {
    if (process) process.draws -= 1;
    show();
  }
}

function begin(where) {
  if (!processes.has(where)) processes.set(where, { draws: 0, done: 0 });
  const process = processes.get(where);
  process.draws += 1;
  show();
  return process;
}

function show() {
  const rows = [...processes].sort().map(([where, { draws, done }]) => {
    const row = document.createElement("tr");
    for (const text of [...where.split("/"), draws, done]) row.insertCell().textContent = text;
    return row;
  });
  find("nodes").replaceChildren(...rows);
}

function tell(text) {
  find("state").textContent = text;
}
