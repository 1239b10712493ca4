//! Shows the menu of a window where GTK does not. Linux only.
//!
//! A menu knows its windows by their addresses, and keeps those of windows that are gone. A window
//! that gets such an address is taken for the old one, and stays without a menu.

use tauri::{Manager as _, Window, Wry};

/// Shows the menu of this window if it has one that is not there. For the UI thread.
pub(crate) fn ensure(window: &Window<Wry>) {
    let Some(menu) = window.menu() else { return };
    if !matches!(window.is_menu_visible(), Ok(false)) {
        return;
    }
    let app = window.app_handle();
    let is_of_app = app.menu().is_some_and(|it| it.id() == menu.id());
    // This makes the menu forget the window that was there before.
    let shown = window.remove_menu().and_then(|_| {
        if is_of_app {
            app.set_menu(menu)
        } else {
            window.set_menu(menu)
        }
    });
    if let Err(error) = shown {
        let label = window.label();
        log::warn!("the menu of window {label:?} is not shown: {error}");
    }
}
