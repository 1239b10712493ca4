//! Makes the plugin `process`, by which pages end and restart the app.

use tauri::{Manager as _, Wry, ipc::Invoke};

use super::guarded::Guarded;

pub(super) fn make() -> Guarded {
    Guarded::new(tauri_plugin_process::init()).take(restart)
}

/// Restarts an app that runs from a Python interpreter. All else is left to the plugin.
fn restart(invoke: Invoke<Wry>) -> Option<Invoke<Wry>> {
    if invoke.message.command() != "restart" {
        return Some(invoke);
    }
    match request(invoke.message.webview_ref().app_handle()) {
        Ok(true) => invoke.resolver.resolve(()),
        Ok(false) => return Some(invoke),
        Err(why) => invoke.resolver.reject(why),
    }
    None
}

#[cfg(feature = "python-main")]
use crate::python::app::end::shutdown::request_restart as request;

#[cfg(not(feature = "python-main"))]
fn request(_app: &tauri::AppHandle<Wry>) -> Result<bool, String> {
    Ok(false)
}
