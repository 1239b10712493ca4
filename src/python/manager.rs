//! What every manager of the app can do: find windows, keep state, know paths.

use std::collections::HashMap;

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyList, PyType},
};
use tauri::{Manager as _, Wry};

use super::{app_handle::AppHandle, gil, path::PathResolver, webview_window::WebviewWindow};

/// `App | AppHandle | WebviewWindow`, told apart.
pub(crate) enum AnyManager {
    App(tauri::AppHandle<Wry>),
    Window(Box<tauri::WebviewWindow<Wry>>),
}

impl AnyManager {
    pub(crate) fn of(obj: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(app) = obj.cast::<AppHandle>() {
            return Ok(Self::App(app.get().0.clone()));
        }
        if let Ok(window) = obj.cast::<WebviewWindow>() {
            return Ok(Self::Window(Box::new(window.get().0.clone())));
        }
        // `App` is a Python class that hands out its handle.
        if let Some(handle) = obj.getattr_opt("handle")?
            && let Ok(app) = handle.call0()?.cast::<AppHandle>()
        {
            return Ok(Self::App(app.get().0.clone()));
        }
        Err(PyTypeError::new_err(format!(
            "expected an App, an AppHandle or a WebviewWindow, got {}",
            obj.get_type().repr()?
        )))
    }

    pub(crate) fn app(&self) -> &tauri::AppHandle<Wry> {
        match self {
            Self::App(app) => app,
            Self::Window(window) => window.app_handle(),
        }
    }
}

/// The app that `obj`, a manager, belongs to.
pub(crate) fn app_handle_of(obj: &Bound<'_, PyAny>) -> PyResult<tauri::AppHandle<Wry>> {
    Ok(AnyManager::of(obj)?.app().clone())
}

/// Python objects by their exact type, each in a list of one, kept by the app.
struct States(Py<PyDict>);

fn states<'py>(py: Python<'py>, app: &tauri::AppHandle<Wry>) -> PyResult<Bound<'py, PyDict>> {
    if app.try_state::<States>().is_none() {
        app.manage(States(PyDict::new(py).unbind()));
    }
    app.try_state::<States>()
        .map(|states| states.0.bind(py).clone())
        .ok_or_else(|| PyValueError::new_err("the app keeps no state"))
}

/// The managed object of the exact type `kind`, if there is one.
pub(crate) fn state_of<'py>(
    app: &tauri::AppHandle<Wry>,
    kind: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let entry = states(kind.py(), app)?.get_item(kind)?;
    entry.map(|cell| cell.get_item(0)).transpose()
}

/// What can be done with an `App`, an `AppHandle` or a `WebviewWindow`.
#[pyclass(frozen, module = "transom")]
struct Manager;

#[pymethods]
impl Manager {
    #[staticmethod]
    #[pyo3(signature = (slf, /))]
    fn app_handle(slf: &Bound<'_, PyAny>) -> PyResult<Py<AppHandle>> {
        AppHandle::of(slf.py(), &app_handle_of(slf)?)
    }

    /// The window with this label, `None` when there is none.
    #[staticmethod]
    #[pyo3(signature = (slf, label, /))]
    fn get_webview_window(slf: &Bound<'_, PyAny>, label: &str) -> PyResult<Option<WebviewWindow>> {
        let app = app_handle_of(slf)?;
        let window = gil::detach(slf.py(), || app.get_webview_window(label));
        Ok(window.map(WebviewWindow))
    }

    /// Every window, by label.
    #[staticmethod]
    #[pyo3(signature = (slf, /))]
    fn webview_windows(slf: &Bound<'_, PyAny>) -> PyResult<HashMap<String, WebviewWindow>> {
        let app = app_handle_of(slf)?;
        let windows = gil::detach(slf.py(), || app.webview_windows());
        let wrap = |(label, window)| (label, WebviewWindow(window));
        Ok(windows.into_iter().map(wrap).collect())
    }

    /// Keeps `state` for its exact type; `False` when that type has one already.
    #[staticmethod]
    #[pyo3(signature = (slf, state, /))]
    fn manage(slf: &Bound<'_, PyAny>, state: &Bound<'_, PyAny>) -> PyResult<bool> {
        let states = states(slf.py(), &app_handle_of(slf)?)?;
        // A fresh cell and one `setdefault`: exactly one caller is told that it was first.
        let entry = PyList::new(slf.py(), [state])?;
        let kept = states.call_method1("setdefault", (state.get_type(), &entry))?;
        Ok(kept.is(&entry))
    }

    /// The object managed for `state_type`.
    #[staticmethod]
    #[pyo3(signature = (slf, state_type, /))]
    fn state<'py>(
        slf: &Bound<'py, PyAny>,
        state_type: &Bound<'py, PyType>,
    ) -> PyResult<Bound<'py, PyAny>> {
        state_of(&app_handle_of(slf)?, state_type)?.ok_or_else(|| {
            PyValueError::new_err(format!("state() called before manage() for {state_type}"))
        })
    }

    /// The object managed for `state_type`, or `None`.
    #[staticmethod]
    #[pyo3(signature = (slf, state_type, /))]
    fn try_state<'py>(
        slf: &Bound<'py, PyAny>,
        state_type: &Bound<'py, PyType>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        state_of(&app_handle_of(slf)?, state_type)
    }

    /// Where the system and this app keep their files.
    #[staticmethod]
    #[pyo3(signature = (slf, /))]
    fn path(slf: &Bound<'_, PyAny>) -> PyResult<PathResolver> {
        Ok(PathResolver(app_handle_of(slf)?))
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Manager>()
}
