const { pyInvoke } = window.__TAURI__.transom;
for (const command of ["hold", "hold", "hold_on_thread", "stubborn", "queued", "queued"]) {
  pyInvoke(command).catch(() => {});
}
