//! Defines the Python class `DragDropEvent`: files that are dragged over a window.

use std::path::PathBuf;

use pyo3::prelude::*;

/// Files dragged over a window; positions in device pixels of the window.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum DragDropEvent {
    Enter {
        paths: Vec<PathBuf>,
        position: (f64, f64),
    },
    Over {
        position: (f64, f64),
    },
    Drop {
        paths: Vec<PathBuf>,
        position: (f64, f64),
    },
    Leave(),
}

impl From<&tauri::DragDropEvent> for DragDropEvent {
    fn from(event: &tauri::DragDropEvent) -> Self {
        use tauri::DragDropEvent as Event;
        match event.clone() {
            Event::Enter { paths, position } => Self::Enter {
                paths,
                position: position.into(),
            },
            Event::Over { position } => Self::Over {
                position: position.into(),
            },
            Event::Drop { paths, position } => Self::Drop {
                paths,
                position: position.into(),
            },
            _ => Self::Leave(),
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<DragDropEvent>()
}
