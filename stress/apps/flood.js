const { pyInvoke } = window.__TAURI__.transom;
const { calls, holds } = await pyInvoke("plan");

const held = Array.from({ length: holds }, (_, key) => {
  const controller = new AbortController();
  pyInvoke("hold", key, { signal: controller.signal }).catch(() => {});
  return controller;
});
while ((await pyInvoke("how_many_held")) < holds) await new Promise((done) => setTimeout(done, 5));
// Once without measuring: what is made for the first call is not growth.
await Promise.all(Array.from({ length: 2000 }, (_, i) => pyInvoke("work", i)));
await pyInvoke("begin");

let values = 0;
let wrong = 0;
const errors = {};
const aborted = {};
const every = Math.ceil(calls / (holds * 0.9));
let settled = 0;
const count = () => {
  if (++settled % every !== 0) return;
  const key = settled / every;
  if (key >= holds) return;
  aborted[key] = Date.now();
  held[key].abort();
};
const start = performance.now();
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
const seconds = (performance.now() - start) / 1000;
await pyInvoke("finish", { calls, values, wrong, errors, aborted, seconds });
