const { core, transom } = window.__TAURI__;

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
    show("title", transom.pyInvoke("title")),
  ]);
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  greet();
});

// At once: Rust answers while Python still starts, and the calls to Python wait for it.
greet();
