//! Defines the Python enum `Theme`: the light or dark appearance of a window.

use pyo3::prelude::*;

use crate::python::convert::enum_mirror::{Mirror as _, mirror};

mirror!(
    /// The appearance of a window.
    "transom",
    Theme => tauri::Theme { Light, Dark }
);

impl From<tauri::Theme> for Theme {
    fn from(theme: tauri::Theme) -> Self {
        match theme {
            tauri::Theme::Dark => Self::Dark,
            _ => Self::Light,
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    Theme::register(module)
}
