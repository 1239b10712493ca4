//! Closes open context menus, which keep Tauri's event loop from turning. Linux only.

use gtk::prelude::{BinExt as _, Cast as _, DialogExt as _, MenuShellExt as _, WidgetExt};
use tauri::Wry;

use crate::desktop::ui_tasks;

/// Closes them, and dialogs about the app, so that the event loop hears what was queued for it.
pub(crate) fn close(app: &tauri::AppHandle<Wry>) {
    ui_tasks::post(app, || {
        for window in gtk::Window::list_toplevels() {
            let Ok(window) = window.downcast::<gtk::Window>() else {
                continue;
            };
            if let Some(about) = window.downcast_ref::<gtk::AboutDialog>() {
                about.response(gtk::ResponseType::Cancel);
            }
            let child = window.child();
            let menu = child.and_then(|child| child.downcast::<gtk::Menu>().ok());
            if let Some(menu) = menu.filter(WidgetExt::is_visible) {
                menu.cancel();
            }
        }
    });
}
