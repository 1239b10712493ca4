const { pyInvoke } = window.__TAURI__.transom;
const { calls, holds, further, of } = await pyInvoke("plan");

let values = 0;
let wrong = 0;
let lastKey = 0;
const errors = {};
const aborted = {};

/** Makes all calls in one loop. Of the older calls nine in ten are aborted meanwhile. */
async function flood(calls) {
  const running = () => pyInvoke("how_many_held");
  const moment = () => new Promise((done) => setTimeout(done, 5));
  const held = Array.from({ length: holds }, () => {
    const controller = new AbortController();
    pyInvoke("hold", ++lastKey, { signal: controller.signal }).catch(() => {});
    return { key: lastKey, controller };
  });
  while ((await running()) < holds) await moment();
  const every = Math.ceil(calls / (holds * 0.9));
  let settled = 0;
  const count = () => {
    if (++settled % every !== 0) return;
    const { key, controller } = held.pop();
    aborted[key] = Date.now();
    controller.abort();
  };
  const all = [];
  for (let i = 0; i < calls; i++) {
    const call = i % 10 === 3 ? pyInvoke("work_on_thread", i) : pyInvoke("work", i);
    all.push(
      call.then(
        (value) => (value === i ? values++ : wrong++),
        (error) => (wrong++, (errors[error.code] = (errors[error.code] ?? 0) + 1)),
      ).then(count),
    );
  }
  await Promise.all(all);
  for (const { controller } of held) controller.abort();
  while ((await running()) > 0) await moment();
}

// Once without measuring: what is made for the first call is not growth.
await Promise.all(Array.from({ length: 2000 }, (_, i) => pyInvoke("work", i)));
await pyInvoke("begin");
const start = performance.now();
await flood(calls);
const seconds = (performance.now() - start) / 1000;
// For more cancels to take a percentile of.
for (let turn = 0; turn < further; turn++) await flood(of);
await pyInvoke("finish", { calls: calls + further * of, values, wrong, errors, aborted, seconds });
