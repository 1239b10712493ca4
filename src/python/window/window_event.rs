//! Defines the Python class `WindowEvent`: an event of a window.
//!
//! It is made without the GIL on the UI thread, and read by Python elsewhere.

use pyo3::prelude::*;

use crate::python::{
    callbacks::close_question::Veto,
    own::check_process,
    values::{drag_drop_event::DragDropEvent, enums::theme::Theme},
};

/// Keeps a window open, when called within 5 s and before the handlers have finished.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug, Default)]
pub(crate) struct CloseRequestApi(pub(crate) Veto);

#[pymethods]
impl CloseRequestApi {
    /// Keep the window open. Of no effect when the page itself decides about its closing.
    fn prevent_close(&self) -> PyResult<()> {
        check_process()?;
        self.0.say();
        Ok(())
    }
}

/// What happens to a window; lengths in device pixels.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum WindowEvent {
    /// The inner size is now `(width, height)`.
    Resized((u32, u32)),
    /// The window is now at `(x, y)`.
    Moved((i32, i32)),
    /// The window will close unless `api.prevent_close()` is called.
    CloseRequested { api: CloseRequestApi },
    /// The window is gone.
    Destroyed(),
    /// The window gained (`True`) or lost the focus.
    Focused(bool),
    /// The window moved to a screen of another density.
    ScaleFactorChanged {
        scale_factor: f64,
        new_inner_size: (u32, u32),
    },
    /// Files are dragged over the window.
    DragDrop(DragDropEvent),
    /// The system's theme changed.
    ThemeChanged(Theme),
    #[pyo3(name = "_NonExhaustive")]
    NonExhaustive(),
}

impl WindowEvent {
    /// `veto` is used when the handler refuses a close request.
    pub(crate) fn new(event: &tauri::WindowEvent, veto: Veto) -> Self {
        use tauri::WindowEvent as Event;
        match event {
            Event::Resized(size) => Self::Resized((*size).into()),
            Event::Moved(position) => Self::Moved((*position).into()),
            Event::CloseRequested { .. } => Self::CloseRequested {
                api: CloseRequestApi(veto),
            },
            Event::Destroyed => Self::Destroyed(),
            Event::Focused(focused) => Self::Focused(*focused),
            Event::ScaleFactorChanged {
                scale_factor,
                new_inner_size,
                ..
            } => Self::ScaleFactorChanged {
                scale_factor: *scale_factor,
                new_inner_size: (*new_inner_size).into(),
            },
            Event::DragDrop(event) => Self::DragDrop(event.into()),
            Event::ThemeChanged(theme) => Self::ThemeChanged((*theme).into()),
            _ => Self::NonExhaustive(),
        }
    }

    /// The name of an event that a newer event of the same kind may replace.
    pub(crate) fn conflates(&self) -> Option<&'static str> {
        match self {
            Self::Resized(_) => Some("resized"),
            Self::Moved(_) => Some("moved"),
            Self::DragDrop(DragDropEvent::Over { .. }) => Some("drag-over"),
            _ => None,
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<CloseRequestApi>()?;
    module.add_class::<WindowEvent>()
}
