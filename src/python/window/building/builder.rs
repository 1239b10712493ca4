//! Opens windows: reads the keyword arguments with the GIL, and makes the window without it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyDict, PyString},
};
use serde_json::Value;
use tauri::{AppHandle, Manager as _, Wry, utils::config::WindowConfig};

use super::{
    arguments::{WindowArguments, WindowBuilder},
    labels::Claim,
    turns::{self, BuildPermit},
};
use crate::desktop::{ui_thread, webview::private_window, window_values};
#[cfg(feature = "menus")]
use crate::python::menus::menu::shown::placed::{self, MenuPlacement};
use crate::python::{
    app::{manager::AnyManager, page_data::explain},
    convert::{checked::Label, errors::runtime_error},
    gil,
    values::webview_url::WebviewUrl,
    window::webview_window::{self, WebviewWindow},
};

/// How long a thread waits for the UI thread, and for the end of the window that had the label.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest time between two checks of a window that closes.
const TURN: Duration = Duration::from_millis(50);

type TauriWindow = tauri::WebviewWindow<Wry>;

/// Opens windows, from any thread.
#[pyclass(frozen, module = "transom.webview")]
struct WebviewWindowBuilder;

#[pymethods]
impl WebviewWindowBuilder {
    /// Open the window `label` on `url`.
    ///
    /// The label is free from the moment at which it is decided that its window closes: what is
    /// left of that is waited for, some milliseconds, 10 s at most.
    ///
    /// Raises `ValueError` for a bad URL, `RuntimeError` when the label is taken, `TypeError`
    /// for an argument that there is not, `PermissionError` for a label beyond the manager's
    /// reach.
    #[staticmethod]
    #[pyo3(name = "build", signature = (manager, label, url, /, **args))]
    fn py_build(
        manager: &Bound<'_, PyAny>,
        label: Label,
        url: WebviewUrl,
        args: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<WebviewWindow> {
        build(manager, label.0, url, args)
    }

    /// Give the window `label`, brought to the front; or, where there is none, open it.
    ///
    /// One step: of several threads one builds it, and a window that closes meanwhile is built
    /// anew. One that is there is shown, unminimized and focused, and keeps its page; `url` and
    /// `args` are for a new one. One that is being asked whether it may close is still there.
    ///
    /// Waits for the UI thread, 10 s at most. Raises as `build` does; `RuntimeError` too on the
    /// UI thread, where it cannot wait, while another thread builds the window or it closes.
    #[staticmethod]
    #[pyo3(signature = (manager, label, url, /, **args))]
    fn get_or_build(
        manager: &Bound<'_, PyAny>,
        label: Label,
        url: WebviewUrl,
        args: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<WebviewWindow> {
        let (py, Label(label)) = (manager.py(), label);
        let manager = AnyManager::of(manager)?;
        manager.check(&label)?;
        let url = tauri::WebviewUrl::try_from(url)?;
        let args = WindowArguments::read(args, manager.reach.as_ref())?;
        gil::detach(py, || {
            let until = patience(&manager.app);
            let _claim = Claim::take(&label, until).ok_or_else(|| taken(&label))?;
            if let Some(window) = holder(&manager, &label, until, focus)? {
                return Ok(manager.wrap(window));
            }
            make(&manager, &label, args, || {
                Ok(WindowBuilder::new(&manager.app, &label, url))
            })
        })
    }

    /// Open a window from a window's entry of the configuration, a dict or JSON text.
    #[staticmethod]
    #[pyo3(signature = (manager, config, /, **args))]
    fn from_config(
        manager: &Bound<'_, PyAny>,
        config: &Bound<'_, PyAny>,
        args: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<WebviewWindow> {
        let (py, config) = (manager.py(), read_config(config)?);
        let manager = AnyManager::of(manager)?;
        open(py, &manager, &config.label, args, || {
            private_window::builder(&manager.app, &config)
        })
    }
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
        build(manager, label.0, url, args)
    }
}

/// Reads a window's entry of the configuration, a dict or JSON text.
pub(crate) fn read_config(config: &Bound<'_, PyAny>) -> PyResult<WindowConfig> {
    let text: String = if config.is_instance_of::<PyString>() {
        config.extract()?
    } else {
        let json = config.py().import("json")?;
        json.call_method1("dumps", (config,))?.extract()?
    };
    let wrong = |err| PyValueError::new_err(format!("not a window configuration: {err}"));
    let config: Value = serde_json::from_str(&text).map_err(wrong)?;
    window_values::check_colors(&config).map_err(PyValueError::new_err)?;
    let config: WindowConfig = serde_json::from_value(config).map_err(wrong)?;
    window_values::check(&config).map_err(PyValueError::new_err)?;
    Ok(config)
}

fn build(
    manager: &Bound<'_, PyAny>,
    label: String,
    url: WebviewUrl,
    args: Option<&Bound<'_, PyDict>>,
) -> PyResult<WebviewWindow> {
    let py = manager.py();
    let manager = AnyManager::of(manager)?;
    let url = tauri::WebviewUrl::try_from(url)?;
    open(py, &manager, &label, args, || {
        Ok(tauri::WebviewWindowBuilder::new(&manager.app, &label, url))
    })
}

/// `PermissionError` for a label out of the manager's reach.
fn open<'a>(
    py: Python<'_>,
    manager: &AnyManager,
    label: &str,
    args: Option<&Bound<'_, PyDict>>,
    builder: impl FnOnce() -> tauri::Result<WindowBuilder<'a>> + Send,
) -> PyResult<WebviewWindow> {
    manager.check(label)?;
    let args = WindowArguments::read(args, manager.reach.as_ref())?;
    gil::detach(py, || {
        let until = patience(&manager.app);
        let _claim = Claim::take(label, until).ok_or_else(|| taken(label))?;
        check_free(manager, label, until)?;
        make(manager, label, args, builder)
    })
}

/// Until when this thread may wait. The UI thread may not, because windows come and go there.
fn patience(app: &AppHandle<Wry>) -> Instant {
    let now = Instant::now();
    if ui_thread::is_here(app) {
        now
    } else {
        now + PATIENCE
    }
}

/// The open window with this label, after `act` was done with it on the UI thread. Waits for the
/// end of a window that closes. `RuntimeError`: it cannot be found out in time who has the label.
fn holder(
    manager: &AnyManager,
    label: &str,
    until: Instant,
    act: fn(&TauriWindow),
) -> PyResult<Option<TauriWindow>> {
    loop {
        let (app, wanted) = (manager.app.clone(), label.to_owned());
        // Only the UI thread knows of each window whether it closes.
        let look = move || {
            let window = app.get_webview_window(&wanted)?;
            let open = webview_window::is_alive(&window);
            if open {
                act(&window);
            }
            Some((window, open))
        };
        let rest = until.saturating_duration_since(Instant::now());
        let found = ui_thread::run(&manager.app, rest, look).ok_or_else(|| taken(label))?;
        let Some((window, open)) = found else {
            return Ok(None);
        };
        if open {
            return Ok(Some(window));
        }
        let (life, turn) = (manager.wrap(window).life(), Instant::now() + TURN);
        let gone = life.is_none_or(|life| life.wait(turn.min(until)));
        if !gone && Instant::now() >= until {
            return Err(taken(label));
        }
    }
}

/// Brings a window to the front.
fn focus(window: &TauriWindow) {
    let shown = window
        .unminimize()
        .and_then(|()| window.show())
        .and_then(|()| window.set_focus());
    if let Err(error) = shown {
        let label = window.label();
        log::warn!("the window `{label}` could not be brought to the front: {error}");
    }
}

/// `RuntimeError` unless the label is free.
fn check_free(manager: &AnyManager, label: &str, until: Instant) -> PyResult<()> {
    let none = manager.app.get_webview_window(label).is_none();
    if none || holder(manager, label, until, |_| {})?.is_none() {
        return Ok(());
    }
    Err(taken(label))
}

fn make<'a>(
    manager: &AnyManager,
    label: &str,
    #[cfg_attr(not(feature = "menus"), expect(unused_mut))] mut args: WindowArguments,
    builder: impl FnOnce() -> tauri::Result<WindowBuilder<'a>>,
) -> PyResult<WebviewWindow> {
    let turn = if ui_thread::is_here(&manager.app) {
        None
    } else {
        Some(BuildPermit::take().ok_or_else(|| ends(label))?)
    };
    #[cfg(feature = "menus")]
    let menu = args.menu.take();
    let build = || builder().and_then(|builder| args.apply(builder, &manager.app, label)?.build());
    let built = catch_unwind(AssertUnwindSafe(build)).map_err(|_| {
        runtime_error("the window was not built: Tauri panicked; standard error says why")
    })?;
    let window = built.map_err(|error| runtime_error(explain(&manager.app, &error)))?;
    if turns::are_over() {
        // The others went from the screen before this one was there.
        hide(&window);
    }
    // The UI thread gets to this when it has built the window.
    let _ = manager.app.run_on_main_thread(move || drop(turn));
    let window = manager.wrap(window);
    #[cfg(feature = "menus")]
    if let Some(menu) = menu {
        let frame = window.window.as_ref().window();
        placed::put_at_window(&frame, MenuPlacement::Window, Some(menu.into_any()));
    }
    Ok(window)
}

fn hide(window: &TauriWindow) {
    if let Err(error) = window.hide() {
        log::debug!(
            "the window `{}` could not be hidden: {error}",
            window.label()
        );
    }
}

fn ends(label: &str) -> PyErr {
    runtime_error(format!(
        "the app ends, so the window `{label}` is not built"
    ))
}

pub(crate) fn taken(label: &str) -> PyErr {
    runtime_error(format!(
        "a webview with label `{label}` already exists: `WebviewWindowBuilder.get_or_build` \
         gives it, or builds it where there is none; to build it anew, close it and wait for its \
         end by `await webview_window.closed()` or `webview_window.blocking_closed()`"
    ))
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WebviewWindowBuilder>()
}
