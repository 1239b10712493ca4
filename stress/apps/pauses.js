const { pyInvoke } = window.__TAURI__.transom;
const { rounds, pause, burst } = await pyInvoke("plan");
const told = { rounds: 0, right: 0, late: 0 };
for (let round = 0; round < rounds; round++) {
  // WebKit's process for the windows forgets its context of JavaScript after 10 s without messages.
  const late = pyInvoke("late", pause);
  for (let first = 0; first < burst; first += 25) {
    const bodies = Array.from({ length: 25 }, (_, at) => [round, first + at]);
    const answers = await Promise.all(bodies.map((body) => pyInvoke("echo", body)));
    told.right += answers.filter((answer, at) => String(answer) === String(bodies[at])).length;
  }
  told.late += (await late) === "late";
  told.rounds++;
}
await pyInvoke("end", told);
