const { pyInvoke } = window.__TAURI__.transom;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const end = (command, body) => pyInvoke(command, body).then((value) => value, (error) => error);
const code = async (command, body) => ((it) => it.code ?? it)(await end(command, body));

// How many calls of `command` end with `before`, and the first other end.
async function until(before, command, body) {
  for (let count = 0; ; count++) {
    const it = await end(command, body);
    if (it.code !== before || count > 20) return { count, it };
  }
}

await pyInvoke("doom", true);
const [quarantine, outage] = await Promise.all([
  until("worker-lost", "fragile", true),
  until("worker-lost", "doomed"),
]);
const found = {
  deaths: quarantine.count,
  quarantined: quarantine.it.code,
  others: await code("steady"),
  starts: outage.count,
  unavailable: outage.it.code,
  still: [await code("fragile", false), await code("doomed")],
};
await pyInvoke("doom", false);
await pause(Math.max(quarantine.it.details.retryAfterMs, outage.it.details.retryAfterMs) + 100);
found.recovered = [];
for (let i = 0; i < 3; i++) found.recovered.push(await code("fragile", false), await code("doomed"));
await pyInvoke("finish", found);
