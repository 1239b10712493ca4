const { pyInvoke } = window.__TAURI__.transom;
const { seconds, together } = await pyInvoke("plan");
const tally = { values: 0, lost: 0, unstarted: 0, other: 0 };

// Until the workers are there.
await Promise.all([pyInvoke("work", 0.1), pyInvoke("work", 0.1)]);
await pyInvoke("begin");
const end = performance.now() + seconds * 1000;
await Promise.all(
  Array.from({ length: together }, async () => {
    while (performance.now() < end) {
      await pyInvoke("work", 0.02 + Math.random() * 0.1).then(
        () => tally.values++,
        (error) => {
          if (error.code !== "worker-lost") tally.other++;
          else if (error.details.started) tally.lost++;
          else tally.unstarted++;
        },
      );
    }
  }),
);
await pyInvoke("stop");
await pyInvoke("finish", tally);
