//! Defines the Python class `EventTarget`: who receives an event.

use pyo3::prelude::*;

/// Who hears an event. A listener of the page that names no target hears every event.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum EventTarget {
    /// Everyone.
    Any(),
    /// Every window and webview of this label.
    AnyLabel {
        label: String,
    },
    /// The app.
    App(),
    Window {
        label: String,
    },
    Webview {
        label: String,
    },
    WebviewWindow {
        label: String,
    },
}

impl EventTarget {
    /// Every kind of target with this label.
    pub(crate) fn labelled(label: &str) -> [Self; 4] {
        let label = || label.to_owned();
        [
            Self::AnyLabel { label: label() },
            Self::Window { label: label() },
            Self::Webview { label: label() },
            Self::WebviewWindow { label: label() },
        ]
    }
}

impl From<EventTarget> for tauri::EventTarget {
    fn from(target: EventTarget) -> Self {
        match target {
            EventTarget::Any() => Self::Any,
            EventTarget::AnyLabel { label } => Self::AnyLabel { label },
            EventTarget::App() => Self::App,
            EventTarget::Window { label } => Self::Window { label },
            EventTarget::Webview { label } => Self::Webview { label },
            EventTarget::WebviewWindow { label } => Self::WebviewWindow { label },
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<EventTarget>()
}
