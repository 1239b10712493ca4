//! Defines the Python class `Rect`: a position and a size.

use pyo3::prelude::*;

use super::{position::Position, size::Size};

/// A rectangle. Position and size are each in device or in scaled pixels.
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
    module.add_class::<Rect>()
}
