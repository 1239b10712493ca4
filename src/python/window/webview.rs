//! Defines the Python classes `Webview` and `Window`, which are arguments of other functions.

use pyo3::prelude::*;
use tauri::Wry;

use crate::python::own::check_process;

/// The page in a window.
#[pyclass(frozen, module = "transom.webview")]
pub(crate) struct Webview(pub(crate) tauri::Webview<Wry>);

#[pymethods]
impl Webview {
    fn label(&self) -> PyResult<&str> {
        check_process()?;
        Ok(self.0.label())
    }

    /// The window around it.
    fn window(&self) -> PyResult<Window> {
        check_process()?;
        Ok(Window(self.0.window()))
    }
}

/// A window, with one or more webviews in it.
#[pyclass(frozen, module = "transom.window")]
pub(crate) struct Window(pub(crate) tauri::Window<Wry>);

#[pymethods]
impl Window {
    fn label(&self) -> PyResult<&str> {
        check_process()?;
        Ok(self.0.label())
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Webview>()?;
    module.add_class::<Window>()
}
