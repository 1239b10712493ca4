//! Defines the Python enum `TitleBarStyle`: the title bar on macOS.

use pyo3::prelude::*;

use crate::python::convert::enum_mirror::{Mirror as _, mirror};

mirror!(
    /// The title bar on macOS.
    "transom.window",
    TitleBarStyle => tauri::TitleBarStyle { Visible, Transparent, Overlay }
);

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    TitleBarStyle::register(module)
}
