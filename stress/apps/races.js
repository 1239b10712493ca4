const { pyInvoke } = window.__TAURI__.transom;
const { races, together } = await pyInvoke("plan");
const tally = { values: 0, aborted: 0, other: 0, twice: 0 };
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// How long to wait before the abort, so that either end wins now and then on any machine.
let patience = 8;

async function race(at) {
  const controller = new AbortController();
  const command = at % 8 === 5 ? "brief_on_thread" : at % 8 === 6 ? "four" : "brief";
  let ends = 0;
  const call = pyInvoke(command, command === "four" ? 0.001 : 2, { signal: controller.signal });
  const settled = call.then(
    () => (ends++, tally.values++, (patience = Math.max(1, patience * 0.98))),
    (error) => {
      ends++;
      if (error.name !== "AbortError") return tally.other++;
      tally.aborted++;
      patience *= 1.02;
    },
  );
  await pause(Math.random() * patience);
  controller.abort();
  await settled;
  if (at % 4 === 0) await call.released;
  if (ends !== 1) tally.twice++;
}

let next = 0;
const start = performance.now();
await Promise.all(
  Array.from({ length: together }, async () => {
    while (next < races) await race(next++);
  }),
);
const seconds = (performance.now() - start) / 1000;
// No permit was lost: four at once still go, and not five.
const most = Math.max(...(await Promise.all(Array.from({ length: 12 }, () => pyInvoke("four", 0.2)))));
await pyInvoke("finish", { races, ...tally, four: most, seconds });
