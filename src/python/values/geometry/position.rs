//! Defines the Python class `Position`: a point in device or scaled pixels.

use pyo3::prelude::*;

use crate::python::convert::checked::{Coordinate, PixelCoordinate};

/// A point on the screen: `Physical` in device pixels, `Logical` in scaled ones.
///
/// `ValueError` for what no window can be at: infinity, a place more than 32,767 from the origin.
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

#[cfg(feature = "menus")]
impl From<tauri::Position> for Position {
    fn from(position: tauri::Position) -> Self {
        match position {
            tauri::Position::Physical(at) => {
                Self::Physical((PixelCoordinate(at.x), PixelCoordinate(at.y)))
            }
            tauri::Position::Logical(at) => Self::Logical((Coordinate(at.x), Coordinate(at.y))),
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Position>()
}
