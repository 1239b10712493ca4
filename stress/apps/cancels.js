const { pyInvoke } = window.__TAURI__.transom;
const { cancels } = await pyInvoke("plan");
const tally = { values: 0, aborted: 0, other: 0, deaf: 0, killed: 0, innocents: 0, hurt: 0 };
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// How long to wait before the abort, so that either end wins now and then on any machine.
let patience = 4;
let over = false;

async function race(at) {
  const controller = new AbortController();
  const isDeaf = at % 100 === 50;
  const call = isDeaf
    ? pyInvoke("deaf", 5, { signal: controller.signal })
    : pyInvoke("job", 2, { signal: controller.signal });
  const settled = call.then(
    () => (tally.values++, (patience = Math.max(1, patience * 0.98))),
    (error) => {
      if (error.name !== "AbortError") return tally.other++;
      tally.aborted++;
      patience *= 1.02;
    },
  );
  await pause(isDeaf ? 20 : Math.random() * patience);
  controller.abort();
  await settled;
  const released = await call.released;
  if (isDeaf) tally.deaf++;
  // One that was still queued never ran.
  if (released === "killed") tally.killed++;
}

const innocents = Array.from({ length: 2 }, async () => {
  while (!over) {
    await pyInvoke("innocent", 1 + Math.random() * 4).then(
      () => tally.innocents++,
      () => tally.hurt++,
    );
  }
});
let next = 0;
const start = performance.now();
await Promise.all(
  Array.from({ length: 4 }, async () => {
    while (next < cancels) await race(next++);
  }),
);
const seconds = (performance.now() - start) / 1000;
over = true;
await Promise.all(innocents);
await pyInvoke("finish", { cancels, ...tally, seconds });
