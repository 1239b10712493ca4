//! Defines the Python enum `UserAttentionType`: how urgently a window asks for attention.

use pyo3::prelude::*;

use crate::python::convert::enum_mirror::{Mirror as _, mirror};

mirror!(
    /// How loudly a window asks for the user.
    "transom",
    UserAttentionType => tauri::UserAttentionType { Critical, Informational }
);

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    UserAttentionType::register(module)
}
