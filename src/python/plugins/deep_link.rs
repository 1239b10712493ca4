//! Makes the plugin `deep_link`, which reads the URL that the app was started with.

use pyo3::prelude::*;
use tauri::{Manager as _, Wry};
use tauri_plugin_deep_link::DeepLink;

use super::{guarded::Guarded, program};

const NO_BUNDLE: &str = "schemes are registered by bundled apps only: this app runs from a Python \
     interpreter, which the system would start instead of the app";

pub(super) fn make(py: Python<'_>) -> PyResult<Guarded> {
    let plugin = Guarded::new(tauri_plugin_deep_link::init());
    if !program::is_interpreter(py)? {
        return Ok(plugin);
    }
    let arguments = program::arguments(py, std::env::args().collect())?;
    Ok(plugin
        .refuse(|command, _| {
            let writes = matches!(command, "register" | "unregister");
            writes.then(|| NO_BUNDLE.to_owned())
        })
        .started(move |app| {
            // The plugin itself has read the arguments of the interpreter.
            if let Some(links) = app.try_state::<DeepLink<Wry>>() {
                links.handle_cli_arguments(arguments.into_iter());
            }
        }))
}
