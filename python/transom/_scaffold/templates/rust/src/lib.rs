//! The extension module of the app: its configuration, its pages, and what it has in Rust.

use pyo3::prelude::*;

/// A command in Rust, which pages call by `invoke("greet_in_rust")`.
#[tauri::command]
fn greet_in_rust(name: &str) -> String {
    format!("Hello, {name}! Greetings from Rust.")
}

/// The configuration, the pages and the permissions, embedded when the crate is built.
pub fn context() -> tauri::Context {
    tauri::generate_context!()
}

fn builder() -> tauri::Builder<tauri::Wry> {
    tauri::Builder::default().invoke_handler(tauri::generate_handler![greet_in_rust])
}

#[pymodule(gil_used = false)]
pub mod ext_mod {
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        transom::pymodule_export(
            module,
            |_args, _kwargs| Ok(context()),
            |_args, _kwargs| Ok(builder()),
        )
    }
}
