const { core, event, transom } = window.__TAURI__;

const byId = (id) => document.getElementById(id);

/** Shows what a call gives, or why it failed. */
async function show(id, call) {
  const output = byId(id);
  try {
    output.textContent = await call;
    output.classList.remove("error");
  } catch (error) {
    output.textContent = String(error);
    output.classList.add("error");
  }
}

function greet() {
  const name = byId("name").value;
  const onProgress = ({ done, total }) => (byId("progress").value = done / total);
  return Promise.all([
    show("rust", core.invoke("greet_in_rust", { name })),
    show("python", transom.pyInvoke("greet_in_python", { name })),
    show("count", transom.pyInvoke("count", 25, { onProgress })),
    show("primes", transom.pyInvoke("primes", 2000)),
    show("title", transom.pyInvoke("title")),
  ]);
}

byId("form").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  greet();
});

await event.listen("titled", ({ payload }) => (byId("titled").textContent = payload));
greet();
