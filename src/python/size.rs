//! Width and height.

use pyo3::prelude::*;

/// `Physical((width, height))` in device pixels or `Logical((width, height))` in scaled ones.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    Physical((u32, u32)),
    Logical((f64, f64)),
}

impl From<Size> for tauri::Size {
    fn from(size: Size) -> Self {
        match size {
            Size::Physical((width, height)) => tauri::PhysicalSize::new(width, height).into(),
            Size::Logical((width, height)) => tauri::LogicalSize::new(width, height).into(),
        }
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Size>()
}
