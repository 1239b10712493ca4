//! Defines the Python class `WebviewWindow`: a window with one page in it.
//!
//! Its methods are in `methods`, which gives them to `Window` and `Webview` too; its construction is
//! in `building`.

use std::{sync::Arc, time::Duration};

use pyo3::prelude::*;
use tauri::{Manager as _, Wry};

use super::{
    handlers::{self, WindowHandlers, identity},
    lifecycle::Lifecycle,
};
use crate::desktop::ui_thread;
use crate::python::{
    convert::errors::{runtime_error, window_closed},
    gil,
    host::reach::Reach,
    own::check_process,
};

/// How long `close` waits for the UI thread to handle the request, before it returns anyway.
const HEARING: Duration = Duration::from_secs(10);

/// A window with one page in it; usable from every thread.
///
/// Every method raises `WindowClosed` from the moment at which it is decided that the window
/// closes, also when its label is another's by then; `close`, `destroy`, `closed` and
/// `blocking_closed` have nothing to do once it is gone. What else fails in Tauri raises
/// `RuntimeError`, which `WindowClosed` is too. Windows of the same label are equal.
#[pyclass(frozen, module = "transom.webview")]
pub(crate) struct WebviewWindow {
    pub(crate) window: tauri::WebviewWindow<Wry>,
    /// The reach of the handle that it came from.
    pub(crate) reach: Option<Arc<Reach>>,
}

impl WebviewWindow {
    /// Wraps a window. Call it without the GIL.
    pub(crate) fn new_of(window: tauri::WebviewWindow<Wry>, reach: Option<Arc<Reach>>) -> Self {
        let handlers = WindowHandlers::of(&window.as_ref().window());
        if !is_there(&window) {
            handlers.forget();
        }
        Self { window, reach }
    }

    /// Another object for the same window.
    pub(crate) fn again(&self) -> Self {
        Self {
            window: self.window.clone(),
            reach: self.reach.clone(),
        }
    }

    /// Does `act` while the window is open, so that it is done to no other one that has the label.
    /// `WindowClosed` when it is gone. `act` takes no GIL.
    pub(crate) fn while_open<T: Send>(
        &self,
        py: Python<'_>,
        act: impl FnOnce(&tauri::WebviewWindow<Wry>) -> T + Send,
    ) -> PyResult<T> {
        let _visit = gil::visit(py);
        check_open(py, &self.window)?;
        let done = gil::detach(py, || self.keep_open(|| act(&self.window)));
        done.ok_or_else(|| closed(py, &self.window))
    }

    /// The same without the GIL. `None`: it is gone.
    pub(crate) fn keep_open<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        self.life()?.while_open(act)
    }

    /// The lifecycle of the window. `None`: it is gone.
    pub(crate) fn life(&self) -> Option<Arc<Lifecycle>> {
        let life = handlers::life_of(&self.window.as_ref().window());
        life.filter(|_| is_there(&self.window))
    }

    /// Calls Tauri without the GIL. `WindowClosed` when the window is gone, `RuntimeError` for
    /// other errors of Tauri. Tauri itself silently ignores requests for a window that is gone.
    pub(crate) fn ask<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&tauri::WebviewWindow<Wry>) -> tauri::Result<T> + Send,
    ) -> PyResult<T> {
        let _visit = gil::visit(py);
        check_open(py, &self.window)?;
        gil::detach(py, || ask(&self.window)).map_err(|err| {
            // It may have gone meanwhile.
            check_open(py, &self.window)
                .err()
                .unwrap_or_else(|| runtime_error(err))
        })
    }

    /// Asks the window to close, and waits until the UI thread has handled that. By then it is
    /// decided whether the window closes at once. Does nothing if the window is gone.
    pub(crate) fn request_close(&self, py: Python<'_>) -> PyResult<()> {
        check_process()?;
        let asked = self.ask(py, |window| window.close());
        gil::detach(py, || {
            if !is_open(&self.window) {
                return Ok(());
            }
            asked?;
            let window = self.window.clone();
            let look = move || is_alive(&window);
            if ui_thread::run(self.window.app_handle(), HEARING, look) == Some(false)
                && let Some(life) = self.life()
            {
                life.closes();
            }
            Ok(())
        })
    }

    /// Like `request_close`, but no handler is asked.
    pub(crate) fn destroy_now(&self, py: Python<'_>) -> PyResult<()> {
        check_process()?;
        let ended = self.ask(py, |window| {
            window.destroy()?;
            if let Some(life) = self.life() {
                life.closes();
            }
            Ok(())
        });
        if gil::detach(py, || is_open(&self.window)) {
            ended
        } else {
            Ok(())
        }
    }

    /// The reach that limits it as a manager, if it does not include all windows.
    pub(crate) fn restriction(&self) -> Option<&Arc<Reach>> {
        self.reach.as_ref().filter(|reach| !reach.is_everywhere())
    }
}

/// Whether Tauri has this very window, because its label may be used again.
fn is_there(window: &tauri::WebviewWindow<Wry>) -> bool {
    let frame = |of: &tauri::WebviewWindow<Wry>| identity(&of.as_ref().window());
    let there = window.app_handle().get_webview_window(window.label());
    there.is_some_and(|there| frame(&there) == frame(window))
}

/// Whether the window is open, and no decision was made to close it.
pub(crate) fn is_open(window: &tauri::WebviewWindow<Wry>) -> bool {
    let life = handlers::life_of(&window.as_ref().window());
    life.is_none_or(|life| life.is_open()) && is_there(window)
}

/// Whether the window is open, for use on the UI thread. The platform has nothing left of a closing
/// one.
pub(crate) fn is_alive(window: &tauri::WebviewWindow<Wry>) -> bool {
    window.is_visible().is_ok() && is_open(window)
}

/// `WindowClosed` when the window is gone, `ForkedError` in a fork.
pub(crate) fn check_open(py: Python<'_>, window: &tauri::WebviewWindow<Wry>) -> PyResult<()> {
    check_process()?;
    if gil::detach(py, || is_open(window)) {
        return Ok(());
    }
    Err(closed(py, window))
}

fn closed(py: Python<'_>, window: &tauri::WebviewWindow<Wry>) -> PyErr {
    let label = window.label();
    window_closed(py, format!("the window `{label}` is closed"))
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WebviewWindow>()
}
