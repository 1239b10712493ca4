//! Opening windows: keyword arguments read with the GIL, the window made without it.

use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyDict, PyString},
};
use tauri::{AppHandle, Wry, utils::config::WindowConfig};

use super::{
    errors::runtime_error, gil, manager::AnyManager, webview_url::WebviewUrl,
    webview_window::WebviewWindow, window_arguments::WindowArguments, window_values::Label,
};
use crate::window_values;

/// Opens windows, from any thread.
#[pyclass(frozen, module = "transom.webview")]
struct WebviewWindowBuilder;

#[pymethods]
impl WebviewWindowBuilder {
    /// Opens the window `label` on `url`.
    #[staticmethod]
    #[pyo3(name = "build", signature = (manager, label, url, /, **args))]
    fn py_build(
        manager: &Bound<'_, PyAny>,
        label: Label,
        url: WebviewUrl,
        args: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<WebviewWindow> {
        build(manager, label.0, url, args)
    }

    /// Opens a window from a window's entry of the configuration, a dict or JSON text.
    #[staticmethod]
    #[pyo3(signature = (manager, config, /, **args))]
    fn from_config(
        manager: &Bound<'_, PyAny>,
        config: &Bound<'_, PyAny>,
        args: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<WebviewWindow> {
        let py = manager.py();
        let text: String = if config.is_instance_of::<PyString>() {
            config.extract()?
        } else {
            let json = py.import("json")?.call_method1("dumps", (config,))?;
            json.extract()?
        };
        let config: WindowConfig = serde_json::from_str(&text)
            .map_err(|err| PyValueError::new_err(format!("not a window configuration: {err}")))?;
        window_values::check(&config).map_err(PyValueError::new_err)?;
        let manager = AnyManager::of(manager)?;
        open(py, &manager, &config.label, args, || {
            tauri::WebviewWindowBuilder::from_config(&manager.app, &config)
        })
    }
}

pub(crate) fn build(
    manager: &Bound<'_, PyAny>,
    label: String,
    url: WebviewUrl,
    args: Option<&Bound<'_, PyDict>>,
) -> PyResult<WebviewWindow> {
    let py = manager.py();
    let manager = AnyManager::of(manager)?;
    let url = tauri::WebviewUrl::try_from(url)?;
    open(py, &manager, &label, args, || {
        Ok(tauri::WebviewWindowBuilder::new(&manager.app, &label, url))
    })
}

/// `PermissionError` for a label beyond the manager's reach.
fn open<'a>(
    py: Python<'_>,
    manager: &AnyManager,
    label: &str,
    args: Option<&Bound<'_, PyDict>>,
    builder: impl FnOnce() -> tauri::Result<tauri::WebviewWindowBuilder<'a, Wry, AppHandle<Wry>>> + Send,
) -> PyResult<WebviewWindow> {
    manager.check(label)?;
    let args = WindowArguments::read(args, manager.reach.as_ref())?;
    let window = gil::detach(py, || args.apply(builder()?)?.build()).map_err(runtime_error)?;
    Ok(manager.wrap(window))
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WebviewWindowBuilder>()
}
