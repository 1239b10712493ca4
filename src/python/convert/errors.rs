//! Converts errors of Tauri and of arguments into Python exceptions.

use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
};

use crate::{desktop::window_values::has_nul, ipc::json};

/// `RuntimeError(str(err))`.
pub(crate) fn runtime_error(err: impl std::fmt::Display) -> PyErr {
    PyRuntimeError::new_err(err.to_string())
}

/// `transom.WindowClosed(text)`.
pub(crate) fn window_closed(py: Python<'_>, text: String) -> PyErr {
    let class = py
        .import("transom.errors")
        .and_then(|errors| errors.getattr("WindowClosed"));
    class
        .and_then(|class| class.call1((text,)))
        .map_or_else(|err| err, PyErr::from_value)
}

/// Parses a URL from the argument `what`. `ValueError` if it is not a URL.
pub(crate) fn parse_url(what: &str, text: &str) -> PyResult<tauri::Url> {
    if has_nul(text) {
        let text = format!("`{what}` has a NUL character: {text:?}");
        return Err(PyValueError::new_err(text));
    }
    tauri::Url::parse(text).map_err(|err| {
        PyValueError::new_err(format!(
            "`{what}` must be an absolute URL such as https://example.org, got {text:?}: {err}"
        ))
    })
}

/// Refuses text that a page could not read as one JSON value, or would read as another value. Such
/// text is put into scripts of the page as it stands.
pub(crate) fn check_json(what: &str, text: &str) -> PyResult<()> {
    json::check(text)
        .map_err(|why| PyValueError::new_err(format!("`{what}` must be JSON text: {why}")))
}
