//! Defines the Python class `WebviewWindow`: a window with one page in it.
//!
//! Its one-line methods are in `webview_window_methods`, and its construction in
//! `webview_window_builder`.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use pyo3::{prelude::*, types::PyTuple};
use tauri::{Manager as _, Wry};

use super::{
    handlers::{self, WindowHandlers, identity},
    lifecycle::Lifecycle,
    webview::Webview,
    webview_event::WebviewEvent,
};
use crate::desktop::ui_thread;
use crate::python::{
    app::app_handle,
    callbacks::callback::Callback,
    convert::errors::{parse_url, runtime_error, window_closed},
    gil,
    host::reach::Reach,
    own::check_process,
};

/// How long `close` waits for the UI thread to handle the request, before it returns anyway.
const HEARING: Duration = Duration::from_secs(10);

/// A window with one page in it. It can be used from every thread.
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
    let label = window.label();
    Err(window_closed(py, format!("the window `{label}` is closed")))
}

#[pymethods]
impl WebviewWindow {
    fn label(&self) -> PyResult<&str> {
        check_process()?;
        Ok(self.window.label())
    }

    /// The current address of the page.
    fn url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.ask(py, |window| window.url())?.into())
    }

    /// Goes to another address.
    #[pyo3(signature = (url, /))]
    fn navigate(&self, py: Python<'_>, url: &str) -> PyResult<()> {
        let url = parse_url("url", url)?;
        self.ask(py, |window| window.navigate(url))
    }

    /// Calls `handler(event)` off the UI thread for each event of this window.
    #[pyo3(signature = (handler, /))]
    fn on_window_event(&self, py: Python<'_>, handler: &Bound<'_, PyAny>) -> PyResult<()> {
        let callback = Callback::new(handler)?;
        self.ask(py, |window| {
            WindowHandlers::of(&window.as_ref().window()).add(callback);
            Ok(())
        })
    }

    /// Calls `handler(event)` off the UI thread for each event of this window's page.
    #[pyo3(signature = (handler, /))]
    fn on_webview_event(&self, py: Python<'_>, handler: &Bound<'_, PyAny>) -> PyResult<()> {
        let callback = Callback::new(handler)?;
        let label = self.window.label().to_owned();
        self.ask(py, |window| {
            window.on_webview_event(move |event| {
                let event = WebviewEvent::from(event);
                let key = event.conflates().map(|kind| callback.key(kind, &label));
                callback.post(key, |py| PyTuple::new(py, [event.into_pyobject(py)?]), None);
            });
            Ok(())
        })
    }

    /// Runs `f()` on the UI thread, and returns at once. The UI does not react while `f` runs.
    #[pyo3(signature = (f, /))]
    fn run_on_main_thread(&self, py: Python<'_>, f: &Bound<'_, PyAny>) -> PyResult<()> {
        check_open(py, &self.window)?;
        app_handle::run_on_main_thread(py, self.window.app_handle(), f)
    }

    /// The page alone, for `JavaScriptChannelId.channel_on`.
    fn as_ref_webview(&self, py: Python<'_>) -> PyResult<Webview> {
        self.ask(py, |window| Ok(Webview(window.as_ref().clone())))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| other.get().window == self.window)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.window.label().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        format!("<WebviewWindow {:?}>", self.window.label())
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WebviewWindow>()
}
