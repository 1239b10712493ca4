//! Refuses texts that the window system would cut, or panic at.

use std::path::Path;

use pyo3::{exceptions::PyValueError, prelude::*};

use crate::desktop::window_values::has_nul;

/// `ValueError` for a text with a NUL character.
pub(super) fn check_text(what: &str, text: impl AsRef<Path>) -> PyResult<()> {
    if has_nul(&text) {
        return Err(PyValueError::new_err(format!(
            "`{what}` has a NUL character: {:?}",
            text.as_ref()
        )));
    }
    Ok(())
}
