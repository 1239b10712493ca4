//! Defines the Python class `Monitor`: a screen, with its size and position.

use pyo3::prelude::*;

/// A rectangle in device pixels.
#[pyclass(frozen, get_all, module = "transom")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct PhysicalRect {
    position: (i32, i32),
    size: (u32, u32),
}

/// A screen, as it was when it was asked for; lengths in device pixels.
#[pyclass(frozen, get_all, module = "transom.window")]
#[derive(Debug)]
pub(crate) struct Monitor {
    name: Option<String>,
    size: (u32, u32),
    position: (i32, i32),
    /// The area that task bars and docks leave free.
    work_area: PhysicalRect,
    scale_factor: f64,
}

impl Monitor {
    /// A screen at the origin without task bars.
    pub(crate) fn plain(name: &str, size: (u32, u32)) -> Self {
        let position = (0, 0);
        Self {
            name: Some(name.to_owned()),
            size,
            position,
            work_area: PhysicalRect { position, size },
            scale_factor: 1.0,
        }
    }
}

impl From<tauri::Monitor> for Monitor {
    fn from(monitor: tauri::Monitor) -> Self {
        let area = monitor.work_area();
        Self {
            name: monitor.name().cloned(),
            size: (*monitor.size()).into(),
            position: (*monitor.position()).into(),
            work_area: PhysicalRect {
                position: area.position.into(),
                size: area.size.into(),
            },
            scale_factor: monitor.scale_factor(),
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PhysicalRect>()?;
    module.add_class::<Monitor>()
}
