//! Has the page of a window copy, cut, paste, undo and so on. Linux only: elsewhere the system does
//! that for the items of menus.

use std::sync::atomic::{AtomicBool, Ordering};

use gtk::{gdk, prelude::*};
use tauri::{AppHandle, Manager as _, WebviewWindow, Window, Wry};
use webkit2gtk::WebViewExt as _;

/// Whether a menu may have items for these commands.
static OFFERED: AtomicBool = AtomicBool::new(false);

/// A command of WebKit's, with the key that has people expect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// What WebKit calls it.
    pub(crate) name: &'static str,
    key: gdk::keys::Key,
}

macro_rules! commands {
    ($($constant:ident: $name:literal, $key:ident;)*) => {
        $(pub(crate) const $constant: Command = Command {
            name: $name,
            key: gdk::keys::constants::$key,
        };)*
        const ALL: &[Command] = &[$($constant),*];
    };
}

commands! {
    COPY: "Copy", c;
    CUT: "Cut", x;
    PASTE: "Paste", v;
    SELECT_ALL: "SelectAll", a;
    UNDO: "Undo", z;
    REDO: "Redo", y;
}

impl Command {
    /// The command of a name of WebKit's.
    pub(crate) fn of(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|it| it.name == name)
    }
}

/// Notes that there is an item for a command.
pub(crate) fn offer() {
    OFFERED.store(true, Ordering::Release);
}

/// Has the page in the window that has the focus carry out a command. For the UI thread.
pub(crate) fn act(app: &AppHandle<Wry>, command: Command) {
    let windows = app.webview_windows();
    let has_focus = |window: &&WebviewWindow<Wry>| {
        let window = window.gtk_window();
        window.is_ok_and(|window| window.is_active() || window.has_toplevel_focus())
    };
    let only = || windows.values().next().filter(|_| windows.len() == 1);
    let Some(window) = windows.values().find(has_focus).or_else(only) else {
        return log::debug!("no window has the focus for {:?}", command.name);
    };
    let told = window.with_webview(move |platform| {
        platform.inner().execute_editing_command(command.name);
    });
    if let Err(error) = told {
        let label = window.label();
        log::debug!(
            "{:?} did not reach the page of {label:?}: {error}",
            command.name
        );
    }
}

/// Gives a window's page the keys of these commands before its menu, of which they are accelerators:
/// the page may have a use of its own for them, such as an undo of an editor. For the UI thread.
pub(crate) fn let_pages_have_keys(window: &Window<Wry>) {
    let Ok(window) = window.gtk_window() else {
        return;
    };
    window.connect_key_press_event(|window, event| {
        let with = event.state() & gtk::accelerator_get_default_mod_mask();
        let is_of_command = with == gdk::ModifierType::CONTROL_MASK
            && ALL.iter().any(|it| it.key == event.keyval().to_lower());
        // What the page does not use comes back, and goes to the menu then.
        let offered = OFFERED.load(Ordering::Acquire);
        if offered && is_of_command && window.propagate_key_event(event) {
            return gtk::glib::Propagation::Stop;
        }
        gtk::glib::Propagation::Proceed
    });
}
