//! Defines the Python class `PathResolver`, which finds the folders of the system and of the app.

use std::path::PathBuf;

use pyo3::prelude::*;
use tauri::{Manager as _, Wry};

use crate::python::{convert::errors::runtime_error, gil, own::check_process};

/// Finds directories; `RuntimeError` for one that this platform does not have.
#[pyclass(frozen, module = "transom.path")]
pub(crate) struct PathResolver(pub(crate) tauri::AppHandle<Wry>);

/// The folder that the app was read from at run time, among the states of the app.
#[cfg(feature = "python-main")]
#[derive(Clone, Debug)]
pub(crate) struct AppFolder(pub(crate) PathBuf);

#[pymethods]
impl PathResolver {
    /// The files that come with the app: the folder that `context_factory` was given.
    ///
    /// In an app that is built in Rust: the folder in which the installer puts them.
    fn resource_dir(&self, py: Python<'_>) -> PyResult<PathBuf> {
        check_process()?;
        #[cfg(feature = "python-main")]
        if let Some(folder) = self.0.try_state::<AppFolder>() {
            return Ok(folder.0.clone());
        }
        gil::detach(py, || self.0.path().resource_dir()).map_err(runtime_error)
    }
}

macro_rules! directories {
    ($($name:ident),* $(,)?) => {
        #[pymethods]
        impl PathResolver {
            $(fn $name(&self, py: Python<'_>) -> PyResult<PathBuf> {
                check_process()?;
                gil::detach(py, || self.0.path().$name()).map_err(runtime_error)
            })*
        }
    };
}

directories!(
    audio_dir,
    cache_dir,
    config_dir,
    data_dir,
    local_data_dir,
    desktop_dir,
    document_dir,
    download_dir,
    executable_dir,
    font_dir,
    home_dir,
    picture_dir,
    public_dir,
    runtime_dir,
    template_dir,
    video_dir,
    app_config_dir,
    app_data_dir,
    app_local_data_dir,
    app_cache_dir,
    app_log_dir,
    temp_dir,
);

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PathResolver>()
}
