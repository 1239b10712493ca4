//! The running app, usable from every thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::{exceptions::PyRuntimeError, prelude::*, types::PyDict};
use tauri::{Manager as _, Wry};

use super::{
    callback::Callback, callbacks, errors::runtime_error, gil, monitor::Monitor, theme::Theme,
};

/// The running app. There is one object per app, the same everywhere.
#[pyclass(frozen, module = "transom")]
pub(crate) struct AppHandle(pub(crate) tauri::AppHandle<Wry>);

/// The Python object, kept by the app itself.
struct Singleton(Py<AppHandle>);

impl AppHandle {
    /// The Python object of `app`.
    pub(crate) fn of(py: Python<'_>, app: &tauri::AppHandle<Wry>) -> PyResult<Py<Self>> {
        if app.try_state::<Singleton>().is_none() {
            let object = Py::new(py, Self(app.clone()))?;
            // Of two threads that get here at once the first one wins; both use its object.
            app.manage(Singleton(object));
        }
        app.try_state::<Singleton>()
            .map(|singleton| singleton.0.clone_ref(py))
            .ok_or_else(|| PyRuntimeError::new_err("the app keeps no state"))
    }
}

#[pymethods]
impl AppHandle {
    /// Runs `f()` on the UI thread; returns at once. The UI stands still while `f` runs.
    #[pyo3(signature = (f, /))]
    fn run_on_main_thread(&self, py: Python<'_>, f: Bound<'_, PyAny>) -> PyResult<()> {
        run_on_main_thread(py, &self.0, &f)
    }

    /// Asks the app to exit with `exit_code`.
    #[pyo3(signature = (exit_code, /))]
    fn exit(&self, py: Python<'_>, exit_code: i32) {
        let app = self.0.clone();
        // From another thread Tauri ends the process on the spot when the loop has ended already.
        let asked = gil::detach(py, || {
            self.0.run_on_main_thread(move || app.exit(exit_code))
        });
        if asked.is_err() {
            log::debug!("the app has exited already");
        }
    }

    /// Restarts the process; does not return.
    fn restart(&self, py: Python<'_>) {
        gil::detach(py, || self.0.restart());
    }

    /// Asks the app to exit and start again; returns at once.
    fn request_restart(&self, py: Python<'_>) {
        gil::detach(py, || self.0.request_restart());
    }

    /// The configuration, as in `tauri.conf.json` with every default filled in.
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let text = serde_json::to_string(self.0.config()).map_err(runtime_error)?;
        let value = py.import("json")?.call_method1("loads", (text,))?;
        Ok(value.cast_into::<PyDict>()?)
    }

    fn primary_monitor(&self, py: Python<'_>) -> PyResult<Option<Monitor>> {
        let monitor = gil::detach(py, || self.0.primary_monitor());
        Ok(monitor.map_err(runtime_error)?.map(Into::into))
    }

    #[pyo3(signature = (x, y, /))]
    fn monitor_from_point(&self, py: Python<'_>, x: f64, y: f64) -> PyResult<Option<Monitor>> {
        let monitor = gil::detach(py, || self.0.monitor_from_point(x, y));
        Ok(monitor.map_err(runtime_error)?.map(Into::into))
    }

    fn available_monitors(&self, py: Python<'_>) -> PyResult<Vec<Monitor>> {
        let monitors = gil::detach(py, || self.0.available_monitors()).map_err(runtime_error)?;
        Ok(monitors.into_iter().map(Into::into).collect())
    }

    fn cursor_position(&self, py: Python<'_>) -> PyResult<(f64, f64)> {
        let position = gil::detach(py, || self.0.cursor_position());
        Ok(position.map_err(runtime_error)?.into())
    }

    /// Sets the theme of every window; `None` follows the system.
    #[pyo3(signature = (theme, /))]
    fn set_theme(&self, py: Python<'_>, theme: Option<Theme>) {
        gil::detach(py, || self.0.set_theme(theme.map(Into::into)));
    }

    #[cfg(target_os = "macos")]
    #[pyo3(signature = (visible, /))]
    fn set_dock_visibility(&self, py: Python<'_>, visible: bool) -> PyResult<()> {
        gil::detach(py, || self.0.set_dock_visibility(visible)).map_err(runtime_error)
    }

    /// Frees what the app would leave behind; called for you at exit.
    fn cleanup_before_exit(&self, py: Python<'_>) {
        gil::detach(py, || self.0.cleanup_before_exit());
    }

    /// The secret with which the pages of this app prove their calls.
    fn invoke_key(&self) -> &str {
        self.0.invoke_key()
    }
}

/// The one place that takes the GIL on the UI thread: the user asked for just that.
pub(crate) fn run_on_main_thread(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    f: &Bound<'_, PyAny>,
) -> PyResult<()> {
    // Refuses what cannot be called here and now, not later in a log.
    Callback::new(f)?;
    let f = f.clone().unbind();
    let task = move || {
        let call = || {
            gil::attach(|py| {
                if let Err(err) = f.call0(py) {
                    callbacks::log_exception(py, "a call on the main thread failed", &err);
                }
            })
        };
        if catch_unwind(AssertUnwindSafe(call)).is_err() {
            log::error!("a call on the main thread panicked");
        }
    };
    gil::detach(py, || app.run_on_main_thread(task)).map_err(runtime_error)
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<AppHandle>()
}
