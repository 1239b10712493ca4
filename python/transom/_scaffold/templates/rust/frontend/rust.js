// What the crate answers, without Python: `greet_in_rust` in `src/lib.rs`.
const { invoke } = window.__TAURI__.core;

const said = document.createElement("p");
said.id = "said-in-rust";
said.className = "muted";
document.querySelector(".greeting").append(said);
document.getElementById("greet").addEventListener("submit", async () => {
  said.textContent = await invoke("greet_in_rust", { name: document.getElementById("name").value });
});
