//! A window with one page in it. Its one-line methods are in `webview_window_methods`.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::Arc,
    thread,
    time::Duration,
};

use crossbeam_channel::bounded;
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};
use tauri::{Manager as _, Wry};

use super::{
    app_handle,
    callback::Callback,
    errors::{parse_url, runtime_error, window_closed},
    gil,
    own::check_process,
    reach::Reach,
    webview::Webview,
    webview_event::WebviewEvent,
    webview_url::WebviewUrl,
    webview_window_builder,
    window_handlers::{self, WindowHandlers, identity},
    window_life::Life,
    window_values::Label,
};

/// How long the UI thread has to hear of a close request before `close` returns all the same.
const HEARING: Duration = Duration::from_secs(10);

/// A window with one page in it; usable from every thread.
#[pyclass(frozen, module = "transom.webview")]
pub(crate) struct WebviewWindow {
    pub(crate) window: tauri::WebviewWindow<Wry>,
    /// What the handle it came from may reach.
    pub(crate) reach: Option<Arc<Reach>>,
}

impl WebviewWindow {
    /// Call it without the GIL.
    pub(crate) fn new_of(window: tauri::WebviewWindow<Wry>, reach: Option<Arc<Reach>>) -> Self {
        let handlers = WindowHandlers::of(&window.as_ref().window());
        if !is_there(&window) {
            handlers.forget();
        }
        Self { window, reach }
    }

    /// The life of the window. `None`: it has gone.
    pub(crate) fn life(&self) -> Option<Arc<Life>> {
        let life = window_handlers::life_of(&self.window.as_ref().window());
        life.filter(|_| is_there(&self.window))
    }

    /// Does it without the GIL. `WindowClosed` when the window is gone, `RuntimeError` for what
    /// else fails in Tauri, which itself takes orders for a window that is gone in silence.
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

    /// Asks the window to close, and waits until the UI thread has heard of it: it is decided by
    /// then whether the window closes at once. Of one that is gone there is nothing to end.
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
            if on_ui_thread(self.window.app_handle(), HEARING, look) == Some(false)
                && let Some(life) = self.life()
            {
                life.closes();
            }
            Ok(())
        })
    }

    /// As `request_close`, without asking anyone.
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

    /// The reach that binds it as a manager: one that does not take in every window.
    pub(crate) fn restriction(&self) -> Option<&Arc<Reach>> {
        self.reach.as_ref().filter(|reach| !reach.is_everywhere())
    }
}

/// Whether Tauri has this very window: a label may be used again.
fn is_there(window: &tauri::WebviewWindow<Wry>) -> bool {
    let frame = |of: &tauri::WebviewWindow<Wry>| identity(&of.as_ref().window());
    let there = window.app_handle().get_webview_window(window.label());
    there.is_some_and(|there| frame(&there) == frame(window))
}

/// Whether the window is there, and it is not decided that it closes.
pub(crate) fn is_open(window: &tauri::WebviewWindow<Wry>) -> bool {
    let life = window_handlers::life_of(&window.as_ref().window());
    life.is_none_or(|life| life.is_open()) && is_there(window)
}

/// On the UI thread: whether the window is open. Of one that closes the platform has nothing left.
pub(crate) fn is_alive(window: &tauri::WebviewWindow<Wry>) -> bool {
    window.is_visible().is_ok() && is_open(window)
}

/// Whether this is the thread that serves the UI: only there a task runs at once.
pub(crate) fn is_ui_thread(app: &tauri::AppHandle<Wry>) -> bool {
    let here = thread::current().id();
    let (tell, told) = bounded(1);
    let look = move || tell.try_send(thread::current().id()).unwrap_or_default();
    app.run_on_main_thread(look).is_ok() && told.try_recv() == Ok(here)
}

/// Runs `f` on the UI thread, after all that was asked of it before; here, if this is the one.
/// `None`: not within `patience`. Call it without the GIL.
pub(crate) fn on_ui_thread<T: Send + 'static>(
    app: &tauri::AppHandle<Wry>,
    patience: Duration,
    f: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = bounded(1);
    app.run_on_main_thread(move || drop(tell.try_send(f())))
        .ok()?;
    told.recv_timeout(patience).ok()
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
    /// Opens a window; the same as `WebviewWindowBuilder.build`.
    #[new]
    #[pyo3(signature = (manager, label, url, /, **args))]
    fn new(
        manager: &Bound<'_, PyAny>,
        label: Label,
        url: WebviewUrl,
        args: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        webview_window_builder::build(manager, label.0, url, args)
    }

    fn label(&self) -> PyResult<&str> {
        check_process()?;
        Ok(self.window.label())
    }

    /// The address the page has now.
    fn url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.ask(py, |window| window.url())?.into())
    }

    /// Leaves for another address.
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

    /// Runs `f()` on the UI thread; returns at once. The UI stands still while `f` runs.
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

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WebviewWindow>()
}
