//! Shows notifications, for the Python module `transom.plugins.notification` and for pages.
//!
//! On Linux upstream names the program's file as the sender, which may be a Python interpreter, and
//! gives no errors. So there this asks the desktop itself.

#[cfg(target_os = "linux")]
mod desktop;

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use tauri::{Manager as _, Wry};
use tauri_plugin_notification::Notification;

#[cfg(not(target_os = "linux"))]
use crate::python::convert::errors::runtime_error;
use crate::python::plugins::{
    guarded::{Guarded, refuse_nul},
    texts::check_text,
};
use crate::python::{app::manager::AnyManager, gil};

pub(super) fn make() -> Guarded {
    let plugin = Guarded::new(tauri_plugin_notification::init()).refuse(refuse_nul);
    #[cfg(target_os = "linux")]
    let plugin = plugin.take(desktop::take);
    plugin
}

/// The keywords of `NotificationBuilder.show`, all of them. A system ignores what it has no use for.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct NotificationOptions {
    id: Option<i32>,
    channel_id: Option<String>,
    title: Option<String>,
    body: Option<String>,
    large_body: Option<String>,
    summary: Option<String>,
    action_type_id: Option<String>,
    group: Option<String>,
    group_summary: Option<bool>,
    sound: Option<String>,
    inbox_line: Option<String>,
    icon: Option<String>,
    large_icon: Option<String>,
    icon_color: Option<String>,
    ongoing: Option<bool>,
    auto_cancel: Option<bool>,
    silent: Option<bool>,
}

/// Shows a notification. `parts` are the keywords of `NotificationBuilder.show`, `None` where
/// they are not given.
#[pyfunction]
#[pyo3(signature = (manager, parts, /))]
fn show_notification(manager: &Bound<'_, PyAny>, parts: NotificationOptions) -> PyResult<()> {
    let py = manager.py();
    let manager = AnyManager::of(manager)?;
    let notification = manager.app.try_state::<Notification<Wry>>();
    let mut builder = notification
        .ok_or_else(|| {
            PyRuntimeError::new_err(
                "the plugin `notification` is not registered: pass \
                 `transom.plugins.notification.init()` to `build(plugins=[…])`",
            )
        })?
        .builder();
    #[cfg(target_os = "linux")]
    let shown = desktop::DesktopNotification {
        title: parts.title.clone(),
        body: parts.body.clone(),
        icon: parts.icon.clone(),
        sound: parts.sound.clone(),
    };
    macro_rules! texts {
        ($($name:ident),*) => {
            $(if let Some(text) = parts.$name {
                check_text(stringify!($name), &text)?;
                builder = builder.$name(text);
            })*
        };
    }
    macro_rules! flags {
        ($($name:ident),*) => {
            $(if parts.$name == Some(true) {
                builder = builder.$name();
            })*
        };
    }
    texts!(
        channel_id,
        title,
        body,
        large_body,
        summary,
        action_type_id,
        group,
        sound,
        inbox_line,
        icon,
        large_icon,
        icon_color
    );
    flags!(group_summary, ongoing, auto_cancel, silent);
    if let Some(id) = parts.id {
        builder = builder.id(id);
    }
    #[cfg(target_os = "linux")]
    {
        drop(builder);
        gil::detach(py, || desktop::show(&manager.app, shown));
        Ok(())
    }
    #[cfg(not(target_os = "linux"))]
    gil::detach(py, || builder.show()).map_err(runtime_error)
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(show_notification, module)?)
}
