//! A point on the screen.

use pyo3::prelude::*;

/// A point: `Physical((x, y))` in device pixels or `Logical((x, y))` in scaled ones.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Position {
    Physical((i32, i32)),
    Logical((f64, f64)),
}

impl From<Position> for tauri::Position {
    fn from(position: Position) -> Self {
        match position {
            Position::Physical((x, y)) => tauri::PhysicalPosition::new(x, y).into(),
            Position::Logical((x, y)) => tauri::LogicalPosition::new(x, y).into(),
        }
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Position>()
}
