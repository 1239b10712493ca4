//! Makes the plugin `deep_link`, which reads the URL that the app was started with.

#[cfg(target_os = "linux")]
mod url_schemes;

use pyo3::prelude::*;
use tauri::{Manager as _, Wry};
use tauri_plugin_deep_link::DeepLink;

use crate::python::{app::program::command, plugins::guarded::Guarded};

pub(super) fn make(py: Python<'_>) -> PyResult<Guarded> {
    let plugin = Guarded::new(tauri_plugin_deep_link::init());
    if !command::is_interpreter(py)? {
        return Ok(plugin);
    }
    let arguments = command::arguments(py, std::env::args().collect())?;
    Ok(registering(py, plugin)?.started(move |app| {
        // The plugin itself has read the arguments of the interpreter.
        if let Some(links) = app.try_state::<DeepLink<Wry>>() {
            links.handle_cli_arguments(arguments.into_iter());
        }
    }))
}

/// Has the system start the app for its URLs, and not its interpreter.
#[cfg(target_os = "linux")]
fn registering(py: Python<'_>, plugin: Guarded) -> PyResult<Guarded> {
    let command = match command::start_command(py) {
        Ok(command) => command.ok_or_else(|| "the program is the app".to_owned()),
        Err(error) => Err(error.value(py).to_string()),
    };
    Ok(plugin.take(move |invoke| url_schemes::take(&command, invoke)))
}

#[cfg(not(target_os = "linux"))]
fn registering(_py: Python<'_>, plugin: Guarded) -> PyResult<Guarded> {
    const NO_BUNDLE: &str = "schemes are registered by bundled apps only: this app runs from a \
         Python interpreter, which the system would start instead of the app";

    Ok(plugin
        .refuse(|name, _| matches!(name, "register" | "unregister").then(|| NO_BUNDLE.to_owned())))
}
