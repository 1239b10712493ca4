//! Shows notifications on Linux, under the name of the app.

use notify_rust::{Hint, Notification};
use serde::Deserialize;
use tauri::{AppHandle, Manager as _, Wry, async_runtime, ipc::Invoke, ipc::InvokeBody};

/// What a desktop on Linux has a use for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct DesktopNotification {
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
    pub(super) icon: Option<String>,
    pub(super) sound: Option<String>,
}

/// The arguments of the command `notify`.
#[derive(Deserialize)]
struct NotifyArguments {
    options: DesktopNotification,
}

/// Shows what a page asks for. All else is left to the plugin.
pub(super) fn take(invoke: Invoke<Wry>) -> Option<Invoke<Wry>> {
    if invoke.message.command() != "notify" {
        return Some(invoke);
    }
    let InvokeBody::Json(body) = invoke.message.payload() else {
        return Some(invoke);
    };
    match NotifyArguments::deserialize(body) {
        Ok(NotifyArguments { options }) => {
            show(invoke.message.webview_ref().app_handle(), options);
            invoke.resolver.resolve(());
        }
        Err(error) => invoke.resolver.reject(error.to_string()),
    }
    None
}

/// Shows a notification, and returns at once. The log says when the desktop takes none.
pub(super) fn show(app: &AppHandle<Wry>, parts: DesktopNotification) {
    let config = app.config();
    let name = config.product_name.as_deref().unwrap_or(&config.identifier);
    let mut shown = Notification::new();
    shown
        .appname(name)
        .summary(parts.title.as_deref().unwrap_or(name))
        .icon(parts.icon.as_deref().unwrap_or(&config.identifier))
        // The desktop finds the app's name and icon by the file of that name.
        .hint(Hint::DesktopEntry(config.identifier.clone()));
    if let Some(body) = &parts.body {
        shown.body(body);
    }
    if let Some(sound) = &parts.sound {
        shown.sound_name(sound);
    }
    async_runtime::spawn_blocking(move || {
        if let Err(error) = shown.show() {
            log::warn!("the desktop shows no notification: {error}");
        }
    });
}
