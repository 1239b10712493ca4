//! Gives the windows of an app the app's name, where its program is a Python interpreter.
//!
//! Desktops group windows by that name, and find the entry with the app's icon by it: on X11 it is
//! `WM_CLASS`, on Wayland the app id.

use gtk::{gdk, glib};
use pyo3::prelude::*;
use tauri::Config;

use super::command;

/// The name of an app as users read it.
pub(crate) struct AppName(String);

impl AppName {
    /// Names the program after the app, before GTK starts. `None`: it has a name, its own or one
    /// that somebody has given it.
    pub(crate) fn take(py: Python<'_>, config: &Config) -> PyResult<Option<Self>> {
        let is_named = glib::prgname().is_some_and(|name| !name.starts_with("python"));
        if is_named || gtk::is_initialized() || !command::is_interpreter(py)? {
            return Ok(None);
        }
        let title = config.product_name.as_ref().unwrap_or(&config.identifier);
        glib::set_prgname(Some(config.identifier.as_str()));
        glib::set_application_name(title);
        Ok(Some(Self(title.clone())))
    }

    /// Names the windows, once GTK has started.
    pub(crate) fn give_to_windows(&self) {
        gdk::set_program_class(&self.0);
    }
}
