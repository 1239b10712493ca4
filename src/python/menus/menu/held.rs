//! Holds a menu or an item of Tauri for its Python object.

use std::sync::Arc;

use pyo3::prelude::*;
use tauri::Wry;

use crate::python::{
    app::{app_handle::AppHandle, manager::AnyManager},
    convert::errors::runtime_error,
    host::{reach::Reach, scoped_handles},
    menus::main_thread,
    own::Own,
};

/// A menu or an item, with the app that it belongs to.
pub(crate) struct Held<T> {
    pub(super) app: tauri::AppHandle<Wry>,
    /// The reach of the handle that it was made with.
    pub(super) reach: Option<Arc<Reach>>,
    item: Own<T>,
}

impl<T: Clone + Send + 'static> Held<T> {
    pub(super) fn new(manager: &AnyManager, item: T) -> Self {
        Self::of(&manager.app, manager.reach.clone(), item)
    }

    pub(super) fn of(app: &tauri::AppHandle<Wry>, reach: Option<Arc<Reach>>, item: T) -> Self {
        Self {
            app: app.clone(),
            reach,
            item: Own::new(item),
        }
    }

    /// `ForkedError` in a fork.
    pub(crate) fn get(&self) -> PyResult<&T> {
        self.item.get()
    }

    /// Runs `f` on the UI thread.
    pub(super) fn ask<R: Send + 'static>(
        &self,
        py: Python<'_>,
        f: impl FnOnce(&T) -> tauri::Result<R> + Send + 'static,
    ) -> PyResult<R> {
        let item = self.get()?.clone();
        main_thread::ask(py, &self.app, move || f(&item).map_err(runtime_error))
    }

    /// A handle with the same reach.
    pub(super) fn app_handle(&self, py: Python<'_>) -> PyResult<Py<AppHandle>> {
        self.get()?;
        handle_of(py, &self.app, self.reach.as_ref())
    }
}

/// The handle of the app with this reach. `WindowClosed` if it has ended with its window.
pub(crate) fn handle_of(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    reach: Option<&Arc<Reach>>,
) -> PyResult<Py<AppHandle>> {
    match reach {
        Some(reach) if reach.is_open() => scoped_handles::of(py, app, reach),
        Some(reach) if !reach.is_everywhere() => {
            reach.check_open(py)?;
            AppHandle::of(py, app)
        }
        _ => AppHandle::of(py, app),
    }
}
