//! Closes context menus, which keep Tauri's event loop from turning. Linux only.

use std::{cell::Cell, rc::Rc};

use gtk::{
    glib::{ControlFlow, Priority, source::idle_add_local_full},
    prelude::{BinExt as _, Cast as _, DialogExt as _, MenuShellExt as _, WidgetExt as _},
};
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
        }
        let open = menus().filter(is_shown);
        open.for_each(|menu| menu.cancel());
    });
}

/// Runs `show`, which shows a context menu and waits for its end.
///
/// GTK shows none while another program has the mouse, as by an open menu of its own. It says so to
/// nobody, and the wait would have no end.
pub(crate) fn until_closed<T>(show: impl FnOnce() -> T) -> T {
    let is_over = Rc::new(Cell::new(false));
    let over = Rc::clone(&is_over);
    // The wait turns GTK's loop, so this runs once the menu is there, or is not.
    idle_add_local_full(Priority::DEFAULT, move || {
        if !over.get() && !menus().any(|menu| is_shown(&menu)) {
            log::warn!(
                "a context menu was not shown: another program has the mouse or the keyboard"
            );
            menus().for_each(|menu| menu.cancel());
        }
        ControlFlow::Break
    });
    let done = show();
    is_over.set(true);
    done
}

/// GTK shows a menu by the window around it.
fn is_shown(menu: &gtk::Menu) -> bool {
    menu.toplevel().is_some_and(|window| window.is_visible())
}

/// All menus, open or not, beside those of menu bars that were never opened.
fn menus() -> impl Iterator<Item = gtk::Menu> {
    let windows = gtk::Window::list_toplevels().into_iter();
    windows.filter_map(|window| {
        let child = window.downcast::<gtk::Window>().ok()?.child()?;
        child.downcast::<gtk::Menu>().ok()
    })
}
