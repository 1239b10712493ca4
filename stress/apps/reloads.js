const { pyInvoke } = window.__TAURI__.transom;
const last = JSON.parse(sessionStorage.getItem("last") ?? '{"turn":null,"at":0}');
const turn = await pyInvoke("turn", last);
if (turn !== null) {
  for (const command of ["hold", "hold", "hold_on_thread", "queued", "queued"]) pyInvoke(command, turn).catch(() => {});
  // The fifth waits for a permit.
  while ((await pyInvoke("how_many_held", turn)) < 4) await new Promise((done) => setTimeout(done, 2));
  sessionStorage.setItem("last", JSON.stringify({ turn, at: Date.now() }));
  location.reload();
}
