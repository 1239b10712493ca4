//! The page of a window, and the window around it: arguments for other calls.

use pyo3::prelude::*;
use tauri::Wry;

use super::own::check_process;

/// The page's side of a window.
#[pyclass(frozen, module = "transom.webview")]
pub(crate) struct Webview(pub(crate) tauri::Webview<Wry>);

#[pymethods]
impl Webview {
    fn label(&self) -> PyResult<&str> {
        check_process()?;
        Ok(self.0.label())
    }

    /// The window it is in.
    fn window(&self) -> PyResult<Window> {
        check_process()?;
        Ok(Window(self.0.window()))
    }
}

/// The frame around one or more webviews.
#[pyclass(frozen, module = "transom.window")]
pub(crate) struct Window(pub(crate) tauri::Window<Wry>);

#[pymethods]
impl Window {
    fn label(&self) -> PyResult<&str> {
        check_process()?;
        Ok(self.0.label())
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Webview>()?;
    module.add_class::<Window>()
}
