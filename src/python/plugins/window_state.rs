//! Makes the plugin `window_state`, which keeps the places and sizes of windows.
//!
//! Upstream carries out what pages ask for on another thread: it locks what it has kept and asks the
//! UI thread, which may wait for that lock because a window moves or closes.

use serde::Deserialize;
use tauri::{Manager as _, Wry, ipc::Invoke, ipc::InvokeBody};
use tauri_plugin_window_state::{AppHandleExt as _, Builder, StateFlags, WindowExt as _};

use super::guarded::Guarded;

pub(super) fn make() -> Guarded {
    Guarded::new(Builder::new().build()).take(on_ui_thread)
}

/// The arguments of both commands.
#[derive(Deserialize)]
struct WindowStateArguments {
    #[serde(default)]
    label: Option<String>,
    /// Default: all, as the plugin is built.
    #[serde(default)]
    flags: Option<u32>,
}

/// Carries out on this thread, the UI thread, what asks windows under a lock.
fn on_ui_thread(invoke: Invoke<Wry>) -> Option<Invoke<Wry>> {
    if !matches!(
        invoke.message.command(),
        "save_window_state" | "restore_state"
    ) {
        return Some(invoke);
    }
    let done = carry_out(&invoke);
    invoke.resolver.respond(done.map_err(Into::into));
    None
}

fn carry_out(invoke: &Invoke<Wry>) -> Result<(), String> {
    let InvokeBody::Json(body) = invoke.message.payload() else {
        return Err("the arguments must be an object".to_owned());
    };
    let WindowStateArguments { label, flags } =
        WindowStateArguments::deserialize(body).map_err(|err| err.to_string())?;
    let flags = match flags {
        Some(bits) => {
            StateFlags::from_bits(bits).ok_or_else(|| format!("unknown state flags: {bits}"))?
        }
        None => StateFlags::all(),
    };
    let app = invoke.message.webview_ref().app_handle();
    if invoke.message.command() == "save_window_state" {
        return app.save_window_state(flags).map_err(|err| err.to_string());
    }
    let label = label.ok_or("the argument `label` is missing")?;
    let window = app
        .get_webview_window(&label)
        .ok_or_else(|| format!("there is no window `{label}`"))?;
    window.restore_state(flags).map_err(|err| err.to_string())
}
