//! Defines the Python class `Size`: a width and a height in device or scaled pixels.

use pyo3::prelude::*;

use crate::{
    desktop::window_values::{LARGEST, is_least, is_side},
    python::convert::checked::{Length, Pixels, checked},
};

/// Width and height: `Physical` in device pixels, `Logical` in scaled ones.
///
/// `ValueError` for what is no length: a negative number, infinity. A window's own is 1 to 16,384.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum Size {
    Physical((Pixels, Pixels)),
    Logical((Length, Length)),
}

impl Size {
    fn sides_are(&self, what: fn(f64) -> bool) -> bool {
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

#[cfg(feature = "menus")]
impl From<tauri::Size> for Size {
    fn from(size: tauri::Size) -> Self {
        match size {
            tauri::Size::Physical(size) => {
                Self::Physical((Pixels(size.width), Pixels(size.height)))
            }
            tauri::Size::Logical(size) => Self::Logical((Length(size.width), Length(size.height))),
        }
    }
}

checked! {
    /// A size of a window.
    Extent(Size): format!("a size with sides from 1 to {LARGEST}"), |it| it.sides_are(is_side);
    /// The minimum of a window's size.
    LeastExtent(Size): format!("a size with sides from 0 to {LARGEST}"), |it| it.sides_are(is_least);
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Size>()
}
