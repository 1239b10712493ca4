//! Shows a notification on Linux in the name of the app. The plugin would show it in that of the
//! program, which is a Python interpreter, and tell nobody when nothing shows it.

use std::collections::HashMap;

use gtk::{
    gio::{BusType, Cancellable, DBusCallFlags, bus_get_sync},
    glib::{self, ToVariant as _, Variant},
};
use serde::Deserialize;
use tauri::{
    AppHandle, Manager as _, Wry,
    ipc::{Invoke, InvokeBody},
};

/// What Linux shows of a notification.
#[derive(Debug, Deserialize)]
pub(super) struct Notice {
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
    pub(super) icon: Option<String>,
    pub(super) sound: Option<String>,
}

/// Shows a notification, and returns at once. What fails is logged.
pub(super) fn show(app: &AppHandle<Wry>, notice: Notice) {
    let config = app.config();
    let name = config.product_name.as_ref().unwrap_or(&config.identifier);
    let name = name.clone();
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(error) = call(&name, notice) {
            log::warn!("a notification was not shown: {error}");
        }
    });
}

/// Answers a page that shows a notification.
pub(super) fn answer(invoke: Invoke<Wry>) {
    let message = &invoke.message;
    let InvokeBody::Json(body) = message.payload() else {
        return invoke.resolver.reject("a notification is given as JSON");
    };
    match Notice::deserialize(&body["options"]) {
        Ok(notice) => {
            show(message.webview_ref().app_handle(), notice);
            invoke.resolver.resolve(());
        }
        Err(error) => invoke.resolver.reject(format!("`options`: {error}")),
    }
}

/// Asks the desktop's notification service, and starts it if need be.
fn call(name: &str, notice: Notice) -> Result<(), glib::Error> {
    const SERVICE: &str = "org.freedesktop.Notifications";
    const REPLACES_NONE: u32 = 0;
    const EXPIRES_AS_THE_SERVICE_LIKES: i32 = -1;

    let mut hints = HashMap::<&str, Variant>::new();
    if let Some(sound) = notice.sound {
        hints.insert("sound-name", sound.to_variant());
    }
    // The icons of apps have the names of their programs.
    let program = || glib::prgname().map_or_else(|| name.to_owned(), Into::into);
    let parameters = (
        name,
        REPLACES_NONE,
        notice.icon.unwrap_or_else(program),
        notice.title.as_deref().unwrap_or(name),
        notice.body.unwrap_or_default(),
        Vec::<String>::new(),
        hints,
        EXPIRES_AS_THE_SERVICE_LIKES,
    );
    bus_get_sync(BusType::Session, Cancellable::NONE)?
        .call_sync(
            Some(SERVICE),
            "/org/freedesktop/Notifications",
            SERVICE,
            "Notify",
            Some(&parameters.to_variant()),
            None,
            DBusCallFlags::NONE,
            -1,
            Cancellable::NONE,
        )
        .map(drop)
}
