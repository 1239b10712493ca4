//! Width and height.

use pyo3::prelude::*;

use super::window_values::{Length, Pixels};

/// `Physical((width, height))` in device pixels or `Logical((width, height))` in scaled ones.
/// `ValueError` for what is no length: a negative number, infinity.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum Size {
    Physical((Pixels, Pixels)),
    Logical((Length, Length)),
}

impl Size {
    pub(super) fn sides_are(&self, what: fn(f64) -> bool) -> bool {
        match *self {
            Self::Physical((Pixels(width), Pixels(height))) => {
                what(width.into()) && what(height.into())
            }
            Self::Logical((Length(width), Length(height))) => what(width) && what(height),
        }
    }
}

impl From<Size> for tauri::Size {
    fn from(size: Size) -> Self {
        match size {
            Size::Physical((Pixels(width), Pixels(height))) => {
                tauri::PhysicalSize::new(width, height).into()
            }
            Size::Logical((Length(width), Length(height))) => {
                tauri::LogicalSize::new(width, height).into()
            }
        }
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Size>()
}
