//! Defines the constants of this build for Python: versions and platform.

use pyo3::{exceptions::PyRuntimeError, prelude::*};

/// Return the version of the system's web view.
///
/// Raises:
///     RuntimeError: It cannot be found out.
#[pyfunction]
fn webview_version() -> PyResult<String> {
    tauri::webview_version().map_err(|err| PyRuntimeError::new_err(err.to_string()))
}

/// The code of a request to exit and start again. After Tauri's own code the event loop ends at
/// once, whatever runs.
#[cfg_attr(not(feature = "python-main"), allow(dead_code))] // no app of Python's to restart
pub(crate) const RESTART: i32 = tauri::RESTART_EXIT_CODE - 1;

pub(in crate::python) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("VERSION", tauri::VERSION)?;
    module.add("CRATE_VERSION", env!("CARGO_PKG_VERSION"))?;
    module.add("IS_DEV", tauri::is_dev())?;
    module.add("RESTART_EXIT_CODE", tauri::RESTART_EXIT_CODE)?;
    module.add_function(wrap_pyfunction!(webview_version, module)?)
}
