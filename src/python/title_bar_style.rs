//! The title bar on macOS.

use pyo3::prelude::*;

use super::mirror::mirror;

mirror!(
    /// The title bar on macOS.
    "transom.window",
    TitleBarStyle => tauri::TitleBarStyle { Visible, Transparent, Overlay }
);

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<TitleBarStyle>()
}
