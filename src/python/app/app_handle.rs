//! Defines the Python class `AppHandle`, by which every thread can use the running app.

use std::{
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use pyo3::{
    exceptions::{PyRuntimeError, PySystemExit},
    prelude::*,
    types::PyDict,
};
use tauri::{Manager as _, Wry};

use crate::python::{
    callbacks::{callback::check_returned, threads},
    convert::{checked::Finite, errors::runtime_error},
    gil,
    host::reach::Reach,
    own::check_process,
    plugins::plugin,
    values::{enums::theme::Theme, geometry::monitor::Monitor},
};

/// The running app, usable from every thread.
///
/// The one that setup, callbacks and `App.handle()` give is the same object everywhere. The one
/// that a command asks for is bound to the window that called: it reaches that window and those
/// that the `{"window": …}` entries of its capabilities grant (every window, with
/// `transom:default`). Beyond them it raises `PermissionError`, and once the window is closed
/// every method raises `WindowClosed`. `exit`, `restart` and the like concern the app in any case.
///
/// What fails in Tauri raises `RuntimeError`.
#[pyclass(frozen, module = "transom")]
pub(crate) struct AppHandle {
    app: tauri::AppHandle<Wry>,
    reach: Option<Arc<Reach>>,
}

/// Tauri's handle, for the time of a method call.
pub(crate) struct AppHandleGuard<'a>(&'a tauri::AppHandle<Wry>, gil::Visit);

impl Deref for AppHandleGuard<'_> {
    type Target = tauri::AppHandle<Wry>;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

/// The Python object, which the app itself keeps.
struct Singleton(Py<AppHandle>);

impl AppHandle {
    pub(crate) fn new(app: tauri::AppHandle<Wry>, reach: Option<Arc<Reach>>) -> Self {
        Self { app, reach }
    }

    pub(crate) fn reach(&self) -> Option<&Arc<Reach>> {
        self.reach.as_ref()
    }

    /// Tauri's handle, for a method. `WindowClosed` when this handle has ended, `ForkedError` in a
    /// fork.
    pub(crate) fn get(&self, py: Python<'_>) -> PyResult<AppHandleGuard<'_>> {
        check_process()?;
        let visit = gil::visit(py);
        if let Some(reach) = &self.reach {
            reach.check_open(py)?;
        }
        Ok(AppHandleGuard(&self.app, visit))
    }

    /// `PermissionError` if this handle may not reach every window.
    fn check_everywhere(&self) -> PyResult<()> {
        self.reach
            .as_ref()
            .map_or(Ok(()), |reach| reach.check_everywhere())
    }

    /// The Python object of `app`.
    pub(crate) fn of(py: Python<'_>, app: &tauri::AppHandle<Wry>) -> PyResult<Py<Self>> {
        if app.try_state::<Singleton>().is_none() {
            let object = Py::new(py, Self::new(app.clone(), None))?;
            // Of two threads that get here at once the first one wins; both use its object.
            app.manage(Singleton(object));
        }
        app.try_state::<Singleton>()
            .map(|singleton| singleton.0.clone_ref(py))
            .ok_or_else(|| PyRuntimeError::new_err("the app keeps no state"))
    }
}

/// Requests an exit. False: the app has exited already.
fn request_exit(app: &tauri::AppHandle<Wry>, code: i32) -> bool {
    #[cfg(feature = "python-main")]
    if let Some(ending) = app.try_state::<std::sync::Weak<super::end::shutdown::Shutdown>>() {
        return ending.upgrade().is_some_and(|it| it.request(code));
    }
    let exiting = app.clone();
    // From another thread Tauri ends the process on the spot when the loop has ended already.
    app.run_on_main_thread(move || exiting.exit(code)).is_ok()
}

/// The module that says what is not reported.
const FAILURES: &str = "transom._observe.failures";

/// Whether `AppHandle.restart` has raised this.
fn is_restart(py: Python<'_>, error: &PyErr) -> bool {
    let asked = py
        .import(FAILURES)
        .and_then(|failures| failures.call_method1("is_restart", (error.value(py),)));
    asked.is_ok_and(|it| it.is_truthy().unwrap_or(false))
}

/// Requests a restart. False: the program of this process is the app, and Tauri starts it.
#[cfg(feature = "python-main")]
fn request_restart(py: Python<'_>, app: &tauri::AppHandle<Wry>) -> PyResult<bool> {
    gil::detach(py, || super::end::shutdown::request_restart(app)).map_err(PyRuntimeError::new_err)
}

#[cfg(not(feature = "python-main"))]
fn request_restart(_py: Python<'_>, _app: &tauri::AppHandle<Wry>) -> PyResult<bool> {
    Ok(false)
}

#[pymethods]
impl AppHandle {
    /// The handle that no window bounds: for what goes on when the window has closed.
    ///
    /// `PermissionError` where this handle may not reach every window.
    #[getter]
    fn app(slf: Py<Self>, py: Python<'_>) -> PyResult<Py<Self>> {
        let this = slf.get();
        let app = this.get(py)?;
        let Some(reach) = &this.reach else {
            return Ok(slf);
        };
        reach.check_everywhere()?;
        Self::of(py, &app)
    }

    /// Run `f()` on the UI thread; return at once. The UI stands still while `f` runs.
    ///
    /// `ValueError` for an `async def`, which nobody would await, and for one that takes arguments.
    #[pyo3(signature = (f, /))]
    fn run_on_main_thread(&self, py: Python<'_>, f: Bound<'_, PyAny>) -> PyResult<()> {
        run_on_main_thread(py, &*self.get(py)?, &f)
    }

    /// Ask the app to exit; `run_return` gives `exit_code` back.
    #[pyo3(signature = (exit_code, /))]
    fn exit(&self, py: Python<'_>, exit_code: i32) -> PyResult<()> {
        let app = self.get(py)?;
        if !gil::detach(py, || request_exit(&app, exit_code)) {
            log::debug!("the app has exited already");
        }
        Ok(())
    }

    /// Ask the app to exit and start again; do not return.
    ///
    /// Where the program is a Python interpreter, `SystemExit` is raised, and the app starts once
    /// the process has ended. `RuntimeError`: it cannot start again, or has ended.
    fn restart(&self, py: Python<'_>) -> PyResult<()> {
        let app = self.get(py)?;
        if request_restart(py, &app)? {
            let code = py.import(FAILURES)?.getattr("RESTART")?;
            return Err(PySystemExit::new_err(code.unbind()));
        }
        gil::detach(py, || app.restart())
    }

    /// Ask the app to exit and start again; return at once.
    ///
    /// `RuntimeError`: it cannot start again, or has ended.
    fn request_restart(&self, py: Python<'_>) -> PyResult<()> {
        let app = self.get(py)?;
        if !request_restart(py, &app)? {
            gil::detach(py, || app.request_restart());
        }
        Ok(())
    }

    /// The configuration, as in `tauri.conf.json` with every default filled in.
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let text = serde_json::to_string(self.get(py)?.config()).map_err(runtime_error)?;
        let value = py.import("json")?.call_method1("loads", (text,))?;
        Ok(value.cast_into::<PyDict>()?)
    }

    fn primary_monitor(&self, py: Python<'_>) -> PyResult<Option<Monitor>> {
        let app = self.get(py)?;
        let monitor = gil::detach(py, || app.primary_monitor());
        Ok(monitor.map_err(runtime_error)?.map(Into::into))
    }

    #[pyo3(signature = (x, y, /))]
    fn monitor_from_point(
        &self,
        py: Python<'_>,
        x: Finite,
        y: Finite,
    ) -> PyResult<Option<Monitor>> {
        let app = self.get(py)?;
        let monitor = gil::detach(py, || app.monitor_from_point(x.0, y.0));
        Ok(monitor.map_err(runtime_error)?.map(Into::into))
    }

    fn available_monitors(&self, py: Python<'_>) -> PyResult<Vec<Monitor>> {
        let app = self.get(py)?;
        let monitors = gil::detach(py, || app.available_monitors()).map_err(runtime_error)?;
        Ok(monitors.into_iter().map(Into::into).collect())
    }

    fn cursor_position(&self, py: Python<'_>) -> PyResult<(f64, f64)> {
        let app = self.get(py)?;
        let position = gil::detach(py, || app.cursor_position());
        Ok(position.map_err(runtime_error)?.into())
    }

    /// Set the theme of every window; `None` follows the system.
    ///
    /// `PermissionError` where this handle may not reach every window.
    #[pyo3(signature = (theme, /))]
    fn set_theme(&self, py: Python<'_>, theme: Option<Theme>) -> PyResult<()> {
        let app = self.get(py)?;
        self.check_everywhere()?;
        gil::detach(py, || app.set_theme(theme.map(Into::into)));
        Ok(())
    }

    #[cfg(target_os = "macos")]
    #[pyo3(signature = (visible, /))]
    fn set_dock_visibility(&self, py: Python<'_>, visible: bool) -> PyResult<()> {
        let app = self.get(py)?;
        gil::detach(py, || app.set_dock_visibility(visible)).map_err(runtime_error)
    }

    /// Register a plugin, which can be used at once.
    ///
    /// `PermissionError` where this handle may not reach every window; `RuntimeError` if the plugin
    /// was registered before or does not start.
    #[pyo3(signature = (plugin, /))]
    fn plugin(&self, py: Python<'_>, plugin: &Bound<'_, PyAny>) -> PyResult<()> {
        let app = self.get(py)?;
        self.check_everywhere()?;
        plugin::add(py, &app, plugin)
    }

    /// Remove a plugin by Tauri's name of it, as `"clipboard-manager"`. `False`: there is none.
    ///
    /// `PermissionError` where this handle may not reach every window; `ValueError` for the plugins
    /// of Transom itself.
    #[pyo3(signature = (plugin, /))]
    fn remove_plugin(&self, py: Python<'_>, plugin: &str) -> PyResult<bool> {
        let app = self.get(py)?;
        self.check_everywhere()?;
        plugin::remove(py, &app, plugin)
    }

    /// Free what the app would leave behind; called for you at exit.
    fn cleanup_before_exit(&self, py: Python<'_>) -> PyResult<()> {
        let app = self.get(py)?;
        gil::detach(py, || app.cleanup_before_exit());
        Ok(())
    }

    /// The secret with which the pages of this app prove their calls.
    fn invoke_key(&self, py: Python<'_>) -> PyResult<&str> {
        self.get(py)?;
        Ok(self.app.invoke_key())
    }
}

/// Runs `f` on the UI thread with the GIL. No other code takes the GIL there; here the user asks
/// for it.
pub(crate) fn run_on_main_thread(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    f: &Bound<'_, PyAny>,
) -> PyResult<()> {
    // Refuses here and now what cannot be called, or awaited, there; not later in a log.
    py.import("transom._commands.signatures")?
        .call_method1("check_callback", (f, "the function for the UI thread"))?;
    let f = f.clone().unbind();
    let task = move || {
        let call = || {
            gil::attach(|py| {
                let f = f.bind(py);
                let done = f.call0().and_then(|value| check_returned(f, &value));
                if let Err(err) = done
                    && !is_restart(py, &err)
                {
                    threads::log_exception(py, "a call on the main thread failed", &err);
                }
            })
        };
        if catch_unwind(AssertUnwindSafe(call)).is_err() {
            log::error!("a call on the main thread panicked");
        }
    };
    gil::detach(py, || app.run_on_main_thread(task)).map_err(runtime_error)
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<AppHandle>()
}
