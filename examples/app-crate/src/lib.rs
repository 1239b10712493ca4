//! Example: a Tauri app from a crate of its own, as a Python extension module.

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;
use tauri::{Manager as _, State};

/// How often `greet_in_rust` was called.
struct Greetings(AtomicUsize);

#[tauri::command]
fn greet_in_rust(name: &str, greetings: State<'_, Greetings>) -> String {
    let count = greetings.0.fetch_add(1, Ordering::Relaxed) + 1;
    format!("Hello {name}, from Rust, for the {count}. time")
}

/// The configuration, the pages and the permissions, embedded when the crate is built.
pub fn context() -> tauri::Context {
    tauri::generate_context!()
}

fn builder() -> tauri::Builder<tauri::Wry> {
    tauri::Builder::default()
        .setup(|app| {
            app.manage(Greetings(AtomicUsize::new(0)));
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![greet_in_rust])
}

/// A function for Python, which finds it in `transom.EXT_MOD`.
#[pyfunction]
fn shout(text: &str) -> String {
    text.to_uppercase()
}

#[pymodule(gil_used = false)]
pub mod ext_mod {
    use super::*;

    #[pymodule_export]
    use super::shout;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        transom::pymodule_export(
            module,
            |_args, _kwargs| Ok(context()),
            |_args, _kwargs| Ok(builder()),
        )
    }
}
