//! A point on the screen.

use pyo3::prelude::*;

use super::window_values::{Coordinate, PixelCoordinate};

/// A point: `Physical((x, y))` in device pixels or `Logical((x, y))` in scaled ones. `ValueError`
/// for what no window can be at: infinity, a place more than 32,767 from the origin.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum Position {
    Physical((PixelCoordinate, PixelCoordinate)),
    Logical((Coordinate, Coordinate)),
}

impl From<Position> for tauri::Position {
    fn from(position: Position) -> Self {
        match position {
            Position::Physical((PixelCoordinate(x), PixelCoordinate(y))) => {
                tauri::PhysicalPosition::new(x, y).into()
            }
            Position::Logical((Coordinate(x), Coordinate(y))) => {
                tauri::LogicalPosition::new(x, y).into()
            }
        }
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Position>()
}
