//! Defines the Python class `Context`: the configuration, pages and permissions of an app.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use tauri::Wry;

use super::path::AppFolder;
use crate::python::own::check_process;

/// Configuration, assets and permissions of an app, as `context_factory` makes them.
///
/// `Builder.build` consumes it; a second use raises `RuntimeError("Already consumed")`.
#[pyclass(frozen, module = "transom")]
#[derive(Debug)]
pub(crate) struct Context {
    context: Mutex<Option<tauri::Context<Wry>>>,
    /// Where it was read from. `None`: it is that of a crate.
    folder: Option<PathBuf>,
}

#[pymethods]
impl Context {
    /// Take the pages from `assets` in the place of `build.frontendDist`.
    ///
    /// A Content-Security-Policy of the configuration holds for them too.
    ///
    /// Raises:
    ///     RuntimeError: The app is a crate of its own, which has its pages from its build.
    #[cfg(feature = "wheel")]
    #[pyo3(signature = (assets, /))]
    fn set_assets(&self, assets: &Bound<'_, PyAny>) -> PyResult<()> {
        use super::assets::PythonAssets;
        use crate::context::PagePolicy;

        check_process()?;
        let policy = {
            let held = self.held();
            let context = held.as_ref().ok_or_else(consumed)?;
            PagePolicy::of(&context.config().app.security)
        };
        // This runs Python code: never under the lock.
        let assets = Box::new(PythonAssets::new(assets, policy)?);
        let before = self.held().as_mut().map(|it| it.set_assets(assets));
        before.map(drop).ok_or_else(consumed)
    }

    /// Raises `RuntimeError`: the pages are in the app's executable.
    #[cfg(not(feature = "wheel"))]
    #[pyo3(signature = (_assets, /))]
    fn set_assets(&self, _assets: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyRuntimeError::new_err(
            "the pages of this app are those of its crate: set others there, by \
             `tauri::Context::set_assets`",
        ))
    }
}

fn consumed() -> PyErr {
    PyRuntimeError::new_err("Already consumed")
}

impl Context {
    pub(crate) fn new(context: tauri::Context<Wry>, folder: Option<PathBuf>) -> PyResult<Self> {
        check_process()?;
        let context = Mutex::new(Some(context));
        Ok(Self { context, folder })
    }

    fn held(&self) -> MutexGuard<'_, Option<tauri::Context<Wry>>> {
        self.context.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder that it was read from.
    pub(crate) fn folder(&self) -> Option<AppFolder> {
        self.folder.clone().map(AppFolder)
    }

    /// Reads from the context. `RuntimeError`: it was given away.
    #[cfg(target_os = "linux")]
    pub(crate) fn look<T>(&self, look: impl FnOnce(&tauri::Context<Wry>) -> T) -> PyResult<T> {
        self.held().as_ref().map(look).ok_or_else(consumed)
    }

    /// Gives the context away, once.
    pub(crate) fn take(&self) -> PyResult<tauri::Context<Wry>> {
        self.held().take().ok_or_else(consumed)
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Context>()
}
