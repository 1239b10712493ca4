//! A place and an extent.

use pyo3::prelude::*;

use super::{position::Position, size::Size};

/// A rectangle, each half in device or in scaled pixels.
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

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Rect>()
}
