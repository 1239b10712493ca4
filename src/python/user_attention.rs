//! How loudly a window asks for the user.

use pyo3::prelude::*;

use super::mirror::mirror;

mirror!(
    /// How loudly a window asks for the user.
    "transom",
    UserAttentionType => tauri::UserAttentionType { Critical, Informational }
);

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<UserAttentionType>()
}
