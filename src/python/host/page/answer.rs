//! Converts the answer of a page's function into a Python tuple.

use pyo3::{IntoPyObjectExt, prelude::*};

use crate::ipc::{PageCallError, PageCallResult};

/// `(kind, value)`: `("value", json)`, `("thrown", json)`, `("closed", None)`, `("overloaded", None)`.
pub(crate) fn into_python(
    py: Python<'_>,
    result: PageCallResult,
) -> PyResult<(&'static str, Py<PyAny>)> {
    Ok(match result {
        Ok(json) => ("value", json.into_py_any(py)?),
        Err(PageCallError::Thrown(json)) => ("thrown", json.into_py_any(py)?),
        Err(PageCallError::Closed) => ("closed", py.None()),
        Err(PageCallError::Overloaded) => ("overloaded", py.None()),
    })
}
