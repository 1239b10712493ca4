//! Defines the Python class `WebviewEvent`: an event of a webview.

use pyo3::prelude::*;

use crate::python::values::drag_drop_event::DragDropEvent;

/// What happens to a webview.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum WebviewEvent {
    /// Files are dragged over the webview.
    DragDrop(DragDropEvent),
    #[pyo3(name = "_NonExhaustive")]
    NonExhaustive(),
}

impl From<&tauri::WebviewEvent> for WebviewEvent {
    fn from(event: &tauri::WebviewEvent) -> Self {
        match event {
            tauri::WebviewEvent::DragDrop(event) => Self::DragDrop(event.into()),
            _ => Self::NonExhaustive(),
        }
    }
}

impl WebviewEvent {
    /// Like [`WindowEvent::conflates`](super::window_event::WindowEvent::conflates).
    pub(crate) fn conflates(&self) -> Option<&'static str> {
        matches!(self, Self::DragDrop(DragDropEvent::Over { .. })).then_some("webview-drag-over")
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WebviewEvent>()
}
