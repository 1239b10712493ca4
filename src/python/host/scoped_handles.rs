//! Keeps the `app_handle` objects of commands: one for each opening of a window and each scope.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tauri::Wry;

use super::reach::Reach;
use crate::actors::{Scope, System, WindowKey};
use crate::python::app::app_handle::AppHandle;

/// The handles of open windows. They are few, so they are searched one by one.
static HANDLES: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

type Kept = (Arc<Reach>, Py<AppHandle>);

/// The handle for the commands that the window `label` calls under `scope`.
pub(crate) fn for_call(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    system: &Arc<System>,
    label: &Arc<str>,
    scope: &Arc<Scope>,
) -> PyResult<Py<AppHandle>> {
    let gone = || WindowKey {
        label: Arc::clone(label),
        generation: 0,
    };
    let window = system.opening(label).unwrap_or_else(gone);
    let is_it = |reach: &Arc<Reach>| reach.is_of(&window, scope);
    if let Some(handle) = find(&handles(), py, is_it) {
        return Ok(handle);
    }
    let reach = Arc::new(Reach::new(system, window.clone(), Arc::clone(scope)));
    keep(py, app, &reach, is_it)
}

/// The handle of `reach`.
pub(crate) fn of(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    reach: &Arc<Reach>,
) -> PyResult<Py<AppHandle>> {
    let is_it = |it: &Arc<Reach>| Arc::ptr_eq(it, reach);
    find(&handles(), py, is_it).map_or_else(|| keep(py, app, reach, is_it), Ok)
}

fn handles() -> MutexGuard<'static, Vec<Kept>> {
    HANDLES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(
    handles: &[Kept],
    py: Python<'_>,
    is_it: impl Fn(&Arc<Reach>) -> bool,
) -> Option<Py<AppHandle>> {
    let found = handles.iter().find(|(reach, _)| is_it(reach));
    found.map(|(_, handle)| handle.clone_ref(py))
}

/// Keeps a new handle, and drops the handles of windows that are gone.
fn keep(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    reach: &Arc<Reach>,
    is_it: impl Fn(&Arc<Reach>) -> bool,
) -> PyResult<Py<AppHandle>> {
    let handle = Py::new(py, AppHandle::new(app.clone(), Some(Arc::clone(reach))))?;
    let mut handles = handles();
    if let Some(first) = find(&handles, py, is_it) {
        return Ok(first);
    }
    let (kept, gone): (Vec<_>, Vec<_>) = handles.drain(..).partition(|(it, _)| it.is_open());
    *handles = kept;
    handles.push((Arc::clone(reach), handle.clone_ref(py)));
    drop(handles);
    // Dropping the last reference may run Python code: never under the lock.
    drop(gone);
    Ok(handle)
}
