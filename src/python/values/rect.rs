//! Defines the Python class `Rect`: a position and a size.

use pyo3::prelude::*;

use super::{position::Position, size::Size};

/// A rectangle. Position and size are each in device or in scaled pixels.
#[pyclass(frozen, get_all, module = "transom")]
#[derive(Debug)]
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

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Rect>()
}
