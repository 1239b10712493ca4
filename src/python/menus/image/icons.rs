//! Defines the methods of `AppHandle`, `WebviewWindow` and `Window` for icons.

use pyo3::prelude::*;

use super::image::{Icon, Image};
use crate::python::{
    app::app_handle::AppHandle,
    gil,
    window::{
        methods::shared::WindowArgumentReader, webview::Window, webview_window::WebviewWindow,
    },
};

#[pymethods]
impl AppHandle {
    /// The icon of windows that have none of their own.
    fn default_window_icon(&self, py: Python<'_>) -> PyResult<Option<Image>> {
        let app = self.get(py)?;
        let icon = gil::detach(py, || app.default_window_icon().cloned());
        icon.map(|icon| Image::from_tauri(py, &icon)).transpose()
    }
}

#[pymethods]
impl WindowArgumentReader {
    #[staticmethod]
    #[pyo3(signature = (icon, /))]
    fn set_icon(icon: Icon) {
        drop(icon);
    }
}

macro_rules! shows_icons {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            #[pyo3(signature = (icon, /))]
            fn set_icon(&self, py: Python<'_>, icon: Icon) -> PyResult<()> {
                AsRef::<WebviewWindow>::as_ref(self).ask(py, |window| window.set_icon(icon.0))
            }

            #[cfg(windows)]
            #[pyo3(signature = (icon, /))]
            fn set_overlay_icon(&self, py: Python<'_>, icon: Option<Icon>) -> PyResult<()> {
                let icon = icon.map(|icon| icon.0);
                AsRef::<WebviewWindow>::as_ref(self).ask(py, |window| window.set_overlay_icon(icon))
            }
        }
    )*};
}

shows_icons!(WebviewWindow, Window);
