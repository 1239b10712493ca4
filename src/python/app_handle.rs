//! The running app, usable from every thread.

use std::{
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use pyo3::{exceptions::PyRuntimeError, prelude::*, types::PyDict};
use tauri::{Manager as _, Wry};

use super::{
    callbacks, errors::runtime_error, gil, monitor::Monitor, own::check_process, reach::Reach,
    theme::Theme, window_values::Finite,
};

/// The running app. One object per app, and one for each window whose commands ask for it: that
/// one reaches what the window's capabilities grant, and ends with the window.
#[pyclass(frozen, module = "transom")]
pub(crate) struct AppHandle {
    app: tauri::AppHandle<Wry>,
    reach: Option<Arc<Reach>>,
}

/// Tauri's handle while a method uses it.
pub(super) struct Handle<'a>(&'a tauri::AppHandle<Wry>, gil::Visit);

impl Deref for Handle<'_> {
    type Target = tauri::AppHandle<Wry>;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

/// The Python object, kept by the app itself.
struct Singleton(Py<AppHandle>);

impl AppHandle {
    pub(super) fn new(app: tauri::AppHandle<Wry>, reach: Option<Arc<Reach>>) -> Self {
        Self { app, reach }
    }

    pub(super) fn reach(&self) -> Option<&Arc<Reach>> {
        self.reach.as_ref()
    }

    /// Tauri's handle, for a method. `WindowClosed` when this one has ended, `ForkedError` in a fork.
    pub(super) fn get(&self, py: Python<'_>) -> PyResult<Handle<'_>> {
        check_process()?;
        let visit = gil::visit(py);
        if let Some(reach) = &self.reach {
            reach.check_open(py)?;
        }
        Ok(Handle(&self.app, visit))
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

#[pymethods]
impl AppHandle {
    /// The handle of the app, which no window bounds. `PermissionError` where this handle may not
    /// reach every window.
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

    /// Runs `f()` on the UI thread; returns at once. The UI stands still while `f` runs.
    #[pyo3(signature = (f, /))]
    fn run_on_main_thread(&self, py: Python<'_>, f: Bound<'_, PyAny>) -> PyResult<()> {
        run_on_main_thread(py, &*self.get(py)?, &f)
    }

    /// Asks the app to exit with `exit_code`.
    #[pyo3(signature = (exit_code, /))]
    fn exit(&self, py: Python<'_>, exit_code: i32) -> PyResult<()> {
        let app = self.get(py)?;
        let exiting = app.clone();
        // From another thread Tauri ends the process on the spot when the loop has ended already.
        let asked = gil::detach(py, || {
            app.run_on_main_thread(move || exiting.exit(exit_code))
        });
        if asked.is_err() {
            log::debug!("the app has exited already");
        }
        Ok(())
    }

    /// Restarts the process; does not return.
    fn restart(&self, py: Python<'_>) -> PyResult<()> {
        let app = self.get(py)?;
        gil::detach(py, || app.restart())
    }

    /// Asks the app to exit and start again; returns at once.
    fn request_restart(&self, py: Python<'_>) -> PyResult<()> {
        let app = self.get(py)?;
        gil::detach(py, || app.request_restart());
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

    /// Sets the theme of every window; `None` follows the system. `PermissionError` where this
    /// handle may not reach every window.
    #[pyo3(signature = (theme, /))]
    fn set_theme(&self, py: Python<'_>, theme: Option<Theme>) -> PyResult<()> {
        let app = self.get(py)?;
        if let Some(reach) = &self.reach {
            reach.check_everywhere()?;
        }
        gil::detach(py, || app.set_theme(theme.map(Into::into)));
        Ok(())
    }

    #[cfg(target_os = "macos")]
    #[pyo3(signature = (visible, /))]
    fn set_dock_visibility(&self, py: Python<'_>, visible: bool) -> PyResult<()> {
        let app = self.get(py)?;
        gil::detach(py, || app.set_dock_visibility(visible)).map_err(runtime_error)
    }

    /// Frees what the app would leave behind; called for you at exit.
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

/// The one place that takes the GIL on the UI thread: the user asked for just that.
pub(crate) fn run_on_main_thread(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    f: &Bound<'_, PyAny>,
) -> PyResult<()> {
    // Refuses here and now what cannot be called, or awaited, there; not later in a log.
    py.import("transom._signatures")?
        .call_method1("check_callback", (f, "the function for the UI thread"))?;
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
