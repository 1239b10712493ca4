//! The extension module that pytauri::pymodule_export fills.
use pyo3::prelude::*;

pub fn generate_context() -> tauri::Context {
    tauri::generate_context!()
}

#[tauri::command]
fn version() -> &'static str {
    "pytauri::none"
}

#[pymodule(gil_used = false)]
#[pyo3(name = "ext_mod")]
pub mod ext_mod {
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        transom::pymodule_export(
            module,
            |_args, _kwargs| Ok(generate_context()),
            |_args, _kwargs| {
                let builder = tauri::Builder::default()
                    .invoke_handler(tauri::generate_handler![version]);
                Ok(builder)
            },
        )
    }
}
