const { pyInvoke } = window.__TAURI__.transom;
const swallow = () => {};
for (const command of ["hold", "hold_on_thread", "stubborn"]) pyInvoke(command).catch(swallow);
let going = 0;
const goOn = () => pyInvoke("work", going++).then(goOn, swallow);
for (let i = 0; i < 64; i++) void goOn();
while (going < 200) await new Promise((done) => setTimeout(done, 2));
await pyInvoke("under_load");
