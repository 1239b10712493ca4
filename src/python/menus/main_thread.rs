//! Asks the UI thread for something on behalf of Python, without the GIL.

use std::time::Duration;

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use tauri::Wry;

use crate::{
    desktop::ui_tasks::{self, UiTaskError},
    python::{gil, own::check_process},
};

/// How long Python code waits for the UI thread.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs `f` on the UI thread and returns what it returns. `f` must not take the GIL.
/// `RuntimeError`: the app has ended, or the UI thread did not get to it.
pub(crate) fn ask<T: Send + 'static>(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    f: impl FnOnce() -> PyResult<T> + Send + 'static,
) -> PyResult<T> {
    check_process()?;
    let _visit = gil::visit(py);
    gil::detach(py, || ui_tasks::ask(app, PATIENCE, f)).map_err(|why| {
        PyRuntimeError::new_err(match why {
            UiTaskError::Ended => "the app has ended",
            UiTaskError::Late => {
                "the UI thread did not get to it within 10 s, so it was not done: something blocks \
                 that thread, or waits on it for this one"
            }
            UiTaskError::Panicked => {
                "Tauri panicked, so it may be half done; standard error says why"
            }
        })
    })?
}
