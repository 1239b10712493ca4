//! Defines the Python classes `Rect` and `LogicalRect`: a position and a size.

use pyo3::prelude::*;

use super::{position::Position, size::Size};
use crate::python::convert::checked::{Finite, Length};

/// A rectangle, each half in device or in scaled pixels.
#[pyclass(frozen, get_all, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) struct Rect {
    position: Position,
    size: Size,
}

#[pymethods]
impl Rect {
    #[new]
    #[pyo3(signature = (*, position, size))]
    fn new(position: Position, size: Size) -> Self {
        Self { position, size }
    }
}

/// A rectangle in scaled pixels.
#[pyclass(frozen, get_all, module = "transom")]
#[derive(Debug)]
pub(crate) struct LogicalRect {
    position: (f64, f64),
    size: (f64, f64),
}

#[pymethods]
impl LogicalRect {
    #[new]
    #[pyo3(signature = (*, position, size))]
    fn new(position: (Finite, Finite), size: (Length, Length)) -> Self {
        Self {
            position: (position.0.0, position.1.0),
            size: (size.0.0, size.1.0),
        }
    }
}

#[cfg(feature = "menus")]
impl From<tauri::Rect> for Rect {
    fn from(rect: tauri::Rect) -> Self {
        Self {
            position: rect.position.into(),
            size: rect.size.into(),
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<LogicalRect>()?;
    module.add_class::<Rect>()
}
