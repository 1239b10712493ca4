// Takes one measurement of worker processes on the page, chosen by name.
//
// This is the body of an async function. Short calls are timed in batches, because the page's clock
// has whole milliseconds.
const [{ name, rounds, command, batch }] = args;

const { pyInvoke } = window.__TAURI__.transom ?? window.__TAURI__.pytauri;

async function time(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

// A call that is there when the promise resolves, with what it told first.
async function start(command) {
  const controller = new AbortController();
  let call;
  const told = await new Promise((resolve, reject) => {
    call = pyInvoke(command, undefined, { signal: controller.signal, onProgress: (it) => resolve(it.done) });
    call.catch(reject);
  });
  const stop = async () => (controller.abort(), await call.released);
  return { call, told, stop };
}

const loads = {
  // A thread of the host's that computes in Python.
  async spinner() {
    await pyInvoke("spin", true);
    return () => pyInvoke("spin", false);
  },
  // Both workers.
  async workers() {
    const burning = await Promise.all([start("burn"), start("burn")]);
    return () => Promise.all(burning.map((it) => it.stop()));
  },
};

// Milliseconds of a small call: alone and beside a load, turn and turn about.
async function beside(load) {
  const calls = () =>
    time(async () => {
      for (let i = 0; i < batch; i++) await pyInvoke(command, { name: "world" });
    }).then((ms) => ms / batch);
  await calls();
  const found = { idle: [], loaded: [] };
  for (let round = 0; round < rounds; round++) {
    found.idle.push(await calls());
    const stop = await load();
    found.loaded.push(await calls());
    await stop();
  }
  return found;
}

// Milliseconds of four calls that compute: one after another, and at once.
async function together() {
  const size = 2_000_000;
  await Promise.all([pyInvoke(command, size), pyInvoke(command, size)]);
  const found = { after: [], together: [] };
  for (let round = 0; round < rounds; round++) {
    found.after.push(
      await time(async () => {
        for (let i = 0; i < 4; i++) await pyInvoke(command, size);
      }),
    );
    found.together.push(await time(() => Promise.all([1, 2, 3, 4].map(() => pyInvoke(command, size)))));
  }
  return found;
}

// Milliseconds from the SIGKILL of a busy worker: until its call is rejected, until the call that waits
// for a worker runs in the spare, and until there is another spare.
async function kill() {
  const found = { settled: [], taken: [], full: [] };
  for (let round = 0; round < rounds; round++) {
    const busy = await Promise.all([start("hold"), start("hold")]);
    // Two that are busy, and the spare.
    const there = Math.max(3, await pyInvoke("count_ready"));
    await pyInvoke("ready", there - 1);
    const waiting = pyInvoke("began");
    const settled = busy[0].call.catch(() => Date.now());
    const killed = await pyInvoke("kill", busy[0].told);
    found.settled.push((await settled) - killed);
    found.taken.push((await waiting) - killed);
    found.full.push((await pyInvoke("ready", there)) - killed);
    await busy[1].stop();
  }
  return found;
}

if (name === "together") return await together();
if (name === "kill") return await kill();
return await beside(loads[name]);
