//! Keeps state objects by their exact type: those of an app, or of one window.

use pyo3::{
    prelude::*,
    types::{PyDict, PyList, PyType},
};

/// Keeps `state`. False if there is an object of that type already.
///
/// Each object is in a list of one. A fresh list and one `setdefault`: exactly one caller is told
/// that it was first.
pub(crate) fn keep(states: &Bound<'_, PyDict>, state: &Bound<'_, PyAny>) -> PyResult<bool> {
    let entry = PyList::new(states.py(), [state])?;
    let kept = states.call_method1("setdefault", (state.get_type(), &entry))?;
    Ok(kept.is(&entry))
}

/// The object of the exact type `kind`, if there is one.
pub(crate) fn find<'py>(
    states: &Bound<'py, PyDict>,
    kind: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let entry = states.get_item(kind)?;
    entry.map(|cell| cell.get_item(0)).transpose()
}

/// The error of a state that nobody has given.
pub(crate) fn missing(kind: &Bound<'_, PyType>) -> PyErr {
    pyo3::exceptions::PyValueError::new_err(format!("state() called before manage() for {kind}"))
}
