// Times the actions of one benchmark case on the page.
//
// This is the body of an async function. The actions take turns, in batches, because the page's
// clock has whole milliseconds. Returns milliseconds per call: {action: [one number per round]}.
const [{ actions, batch, atOnce, warmUp, rounds }] = args;

const { pyInvoke } = window.__TAURI__.transom ?? window.__TAURI__.pytauri;
const { invoke } = window.__TAURI_INTERNALS__;
const text = "x".repeat(64 * 1024);
const bytes = new Uint8Array(1024 * 1024).fill(7);

// How to call, and how to see that the answer is the right one.
const greeted = ({ message }) => message === "Hello, world";
const table = {
  version: [() => invoke("plugin:app|version"), (v) => v === "0.0.0"],
  join: [() => invoke("plugin:path|join", { paths: ["Hello", "world"] }), (v) => v === "Hello/world"],
  normalize: [() => invoke("plugin:path|normalize", { path: text }), (v) => v === text],
  greet: [() => pyInvoke("greet", { name: "world" }), greeted],
  greet_on_thread: [() => pyInvoke("greet_on_thread", { name: "world" }), greeted],
  echo: [() => pyInvoke("echo", { text }), (v) => v.text === text],
  raw: [() => pyInvoke("raw", bytes), (v) => v.byteLength === bytes.length && new Uint8Array(v)[9] === 7],
  steps: [() => pyInvoke("steps", 100, { onProgress: () => {} }), (v) => v === 100],
};

async function time(call, calls) {
  const begin = performance.now();
  for (let done = 0; done < calls; done += atOnce) {
    if (atOnce === 1) await call();
    else await Promise.all(Array.from({ length: atOnce }, call));
  }
  return (performance.now() - begin) / calls;
}

const times = Object.fromEntries(actions.map((name) => [name, []]));
for (const name of actions) {
  const [call, right] = table[name];
  const answer = await call();
  if (!right(answer)) throw new Error(`${name} answered ${JSON.stringify(answer)?.slice(0, 80)}`);
  await time(call, warmUp);
}
for (let round = 0; round < rounds; round++) {
  // Every other round in the other direction: what follows what must not matter.
  const order = round % 2 === 0 ? actions : actions.toReversed();
  for (const name of order) times[name].push(await time(table[name][0], batch));
}
return times;
