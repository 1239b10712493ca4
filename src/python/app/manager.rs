//! Defines the Python mixin `Manager`: finding windows, keeping state objects, and paths.

use std::{collections::HashMap, sync::Arc};

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyType},
};
use tauri::{Manager as _, Wry};

use super::{app_handle::AppHandle, path::PathResolver};
use crate::python::{
    gil,
    host::{reach::Reach, scoped_handles},
    own::check_process,
    window::{
        handlers,
        states::{find, keep, missing},
        webview::window_in,
        webview_window::{WebviewWindow, is_open},
    },
};

/// An `App`, an `AppHandle` or one of the classes of windows, and what may be reached through it.
pub(crate) struct AnyManager {
    pub(crate) app: tauri::AppHandle<Wry>,
    /// Set for a window.
    pub(crate) window: Option<tauri::WebviewWindow<Wry>>,
    /// The reach that it is bound to, if it is.
    pub(crate) reach: Option<Arc<Reach>>,
    /// Marks that Python code may run while this is used.
    _visit: gil::Visit,
}

impl AnyManager {
    /// `WindowClosed` if the window that it is bound to is gone, `ForkedError` in a fork.
    pub(crate) fn of(obj: &Bound<'_, PyAny>) -> PyResult<Self> {
        check_process()?;
        let py = obj.py();
        let visit = gil::visit(py);
        if let Ok(app) = obj.cast::<AppHandle>() {
            return Ok(Self {
                app: app.get().get(py)?.clone(),
                window: None,
                reach: app.get().reach().cloned(),
                _visit: visit,
            });
        }
        if let Some(window) = window_in(obj) {
            let reach = window.restriction();
            if let Some(reach) = reach {
                reach.check_open(py)?;
            }
            return Ok(Self {
                app: window.window.app_handle().clone(),
                window: Some(window.window.clone()),
                reach: reach.cloned(),
                _visit: visit,
            });
        }
        // `App` is a Python class that hands out its handle.
        if let Some(handle) = obj.getattr_opt("handle")?
            && let Ok(app) = handle.call0()?.cast::<AppHandle>()
        {
            return Ok(Self {
                app: app.get().get(py)?.clone(),
                window: None,
                reach: None,
                _visit: visit,
            });
        }
        Err(PyTypeError::new_err(format!(
            "expected an App, an AppHandle, a WebviewWindow, a Window or a Webview, got {}",
            obj.get_type().repr()?
        )))
    }

    /// The reach, if there may be a window that it does not include.
    pub(crate) fn restricted(&self) -> Option<&Arc<Reach>> {
        self.reach.as_ref().filter(|reach| !reach.is_everywhere())
    }

    pub(crate) fn reaches(&self, label: &str) -> bool {
        self.reach
            .as_ref()
            .is_none_or(|reach| reach.includes(label))
    }

    /// `PermissionError` for a window out of reach.
    pub(crate) fn check(&self, label: &str) -> PyResult<()> {
        self.reach
            .as_ref()
            .map_or(Ok(()), |reach| reach.check(label))
    }

    /// `PermissionError` unless every window may be reached.
    pub(crate) fn check_everywhere(&self) -> PyResult<()> {
        self.reach
            .as_ref()
            .map_or(Ok(()), |reach| reach.check_everywhere())
    }

    /// Wraps a window that was found through this manager, with the same reach. Call it without the
    /// GIL.
    pub(crate) fn wrap(&self, window: tauri::WebviewWindow<Wry>) -> WebviewWindow {
        WebviewWindow::new_of(window, self.reach.clone())
    }
}

/// The app that `obj`, a manager, belongs to.
pub(crate) fn app_handle_of(obj: &Bound<'_, PyAny>) -> PyResult<tauri::AppHandle<Wry>> {
    Ok(AnyManager::of(obj)?.app)
}

/// The state objects of the app.
struct States(Py<PyDict>);

/// The state objects of the app, by their type.
pub(crate) fn states<'py>(
    py: Python<'py>,
    app: &tauri::AppHandle<Wry>,
) -> PyResult<Bound<'py, PyDict>> {
    if app.try_state::<States>().is_none() {
        app.manage(States(PyDict::new(py).unbind()));
    }
    app.try_state::<States>()
        .map(|states| states.0.bind(py).clone())
        .ok_or_else(|| PyValueError::new_err("the app keeps no state"))
}

/// The state object of the exact type `kind`, if there is one.
pub(crate) fn state_of<'py>(
    app: &tauri::AppHandle<Wry>,
    kind: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    find(&states(kind.py(), app)?, kind)
}

/// The state object of the exact type `kind`: that of the window, else that of the app.
pub(crate) fn state_near<'py>(
    window: &tauri::WebviewWindow<Wry>,
    kind: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    if let Some(states) = handlers::states_of(kind.py(), &window.as_ref().window())
        && let Some(own) = find(&states, kind)?
    {
        return Ok(Some(own));
    }
    state_of(window.app_handle(), kind)
}

/// The state object that a manager gives.
fn state_by<'py>(
    manager: &Bound<'py, PyAny>,
    kind: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let AnyManager { app, window, .. } = &AnyManager::of(manager)?;
    window
        .as_ref()
        .map_or_else(|| state_of(app, kind), |window| state_near(window, kind))
}

/// What can be done with an `App`, an `AppHandle`, a `WebviewWindow`, `Window` or `Webview`.
///
/// A window got through a command's `app_handle` keeps that handle's reach.
#[pyclass(frozen, module = "transom")]
struct Manager;

#[pymethods]
impl Manager {
    /// The app; the same object each time for the same reach.
    #[staticmethod]
    #[pyo3(signature = (slf, /))]
    fn app_handle(slf: &Bound<'_, PyAny>) -> PyResult<Py<AppHandle>> {
        let py = slf.py();
        let manager = AnyManager::of(slf)?;
        if let Ok(app) = slf.cast::<AppHandle>() {
            return Ok(app.clone().unbind());
        }
        let reach = window_in(slf).and_then(|window| window.reach.as_ref());
        match reach {
            // A window outlives a handle that could reach everything anyway.
            Some(reach) if reach.is_open() => scoped_handles::of(py, &manager.app, reach),
            _ => AppHandle::of(py, &manager.app),
        }
    }

    /// The window with this label. `PermissionError` beyond reach.
    #[staticmethod]
    #[pyo3(signature = (slf, label, /))]
    fn get_webview_window(slf: &Bound<'_, PyAny>, label: &str) -> PyResult<Option<WebviewWindow>> {
        let manager = AnyManager::of(slf)?;
        manager.check(label)?;
        Ok(gil::detach(slf.py(), || {
            let window = manager.app.get_webview_window(label);
            window.filter(is_open).map(|window| manager.wrap(window))
        }))
    }

    /// Every window within reach, by label.
    #[staticmethod]
    #[pyo3(signature = (slf, /))]
    fn webview_windows(slf: &Bound<'_, PyAny>) -> PyResult<HashMap<String, WebviewWindow>> {
        let manager = AnyManager::of(slf)?;
        Ok(gil::detach(slf.py(), || {
            let windows = manager.app.webview_windows().into_iter();
            windows
                .filter(|(label, window)| manager.reaches(label) && is_open(window))
                .map(|(label, window)| (label, manager.wrap(window)))
                .collect()
        }))
    }

    /// Keep `state` for its exact type, for the whole app.
    ///
    /// `False`, and no change, when that type has one. A window keeps its own by its method
    /// `manage`.
    #[staticmethod]
    #[pyo3(signature = (slf, state, /))]
    fn manage(slf: &Bound<'_, PyAny>, state: &Bound<'_, PyAny>) -> PyResult<bool> {
        keep(&states(slf.py(), &app_handle_of(slf)?)?, state)
    }

    /// The object managed for `state_type`; `ValueError` when there is none.
    ///
    /// Of a window: its own, else that of the app.
    #[staticmethod]
    #[pyo3(signature = (slf, state_type, /))]
    fn state<'py>(
        slf: &Bound<'py, PyAny>,
        state_type: &Bound<'py, PyType>,
    ) -> PyResult<Bound<'py, PyAny>> {
        state_by(slf, state_type)?.ok_or_else(|| missing(state_type))
    }

    /// The object managed for `state_type`, or `None`.
    #[staticmethod]
    #[pyo3(signature = (slf, state_type, /))]
    fn try_state<'py>(
        slf: &Bound<'py, PyAny>,
        state_type: &Bound<'py, PyType>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        state_by(slf, state_type)
    }

    /// Where the system and this app keep their files.
    #[staticmethod]
    #[pyo3(signature = (slf, /))]
    fn path(slf: &Bound<'_, PyAny>) -> PyResult<PathResolver> {
        Ok(PathResolver(app_handle_of(slf)?))
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Manager>()
}
