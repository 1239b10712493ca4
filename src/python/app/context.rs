//! Defines the Python class `Context`: the configuration, pages and permissions of an app.

use std::{
    env,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyDict, PyMapping, PyString},
};
use serde_json::Value;
use tauri::Wry;

use super::{assets::PythonAssets, path::AppFolder};
use crate::context::{self, Built, PagePolicy};
use crate::python::{gil, logging::warn, own::check_process};

/// The variable that has the effect of `dev=True` if it is 1.
const DEV_VARIABLE: &str = "TRANSOM_DEV";

/// PyTauri's users may know the form without arguments.
const NO_FOLDER: &str = "`context_factory` needs the folder of the app's configuration, as in \
    `context_factory(Path(__file__).resolve().parent)`: an app that Python starts has no \
    configuration built in";

/// Configuration, assets and permissions of an app; consumed by `Builder.build`.
#[pyclass(frozen, module = "transom")]
#[derive(Debug)]
pub(crate) struct Context {
    context: Mutex<Option<tauri::Context<Wry>>>,
    /// Where it was read from.
    folder: PathBuf,
}

#[pymethods]
impl Context {
    /// Takes the pages from `assets` instead of `build.frontendDist`: an object with `get(key) ->
    /// bytes | None`, and optionally with `iter()` and `setup(app_handle)`.
    #[pyo3(signature = (assets, /))]
    fn set_assets(&self, assets: &Bound<'_, PyAny>) -> PyResult<()> {
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
}

fn consumed() -> PyErr {
    PyRuntimeError::new_err("Already consumed")
}

impl Context {
    fn held(&self) -> MutexGuard<'_, Option<tauri::Context<Wry>>> {
        self.context.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder of the app.
    pub(crate) fn folder(&self) -> AppFolder {
        AppFolder(self.folder.clone())
    }

    /// Gives the context away, once.
    pub(crate) fn take(&self) -> PyResult<tauri::Context<Wry>> {
        self.held().take().ok_or_else(consumed)
    }
}

/// Makes a `Context` from the folder of an app's configuration.
#[pyfunction]
#[pyo3(
    signature = (src_tauri_dir = None, /, *, tauri_config = None, dev = None),
    text_signature = "(src_tauri_dir, /, *, tauri_config=None, dev=None)"
)]
fn context_factory(
    py: Python<'_>,
    src_tauri_dir: Option<PathBuf>,
    tauri_config: Option<Bound<'_, PyAny>>,
    dev: Option<bool>,
) -> PyResult<Context> {
    check_process()?;
    let folder = src_tauri_dir.ok_or_else(|| PyTypeError::new_err(NO_FOLDER))?;
    let patch = tauri_config.as_ref().map(read_patch).transpose()?;
    let dev = dev.unwrap_or_else(|| env::var_os(DEV_VARIABLE).is_some_and(|value| value == "1"));
    let built = gil::detach(py, || context::build(&folder, patch.as_ref(), dev));
    let Built { context, warnings } =
        built.map_err(|err| PyValueError::new_err(err.to_string()))?;
    warn(py, &warnings)?;
    Ok(Context {
        context: Mutex::new(Some(context)),
        folder,
    })
}

/// Reads the merge patch: JSON text, or a mapping that can be written as JSON.
fn read_patch(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    let parsed = if let Ok(text) = given.cast::<PyString>() {
        serde_json::from_str(text.to_cow()?.as_ref())
    } else if let Ok(text) = given.cast::<PyBytes>() {
        serde_json::from_slice(text.as_bytes())
    } else if let Ok(mapping) = given.cast::<PyMapping>() {
        serde_json::from_str(&mapping_to_json(mapping)?)
    } else {
        return Err(PyTypeError::new_err(format!(
            "`tauri_config` must be a str or bytes of JSON, or a mapping, not {}",
            given.get_type().qualname()?
        )));
    };
    match parsed {
        Ok(patch @ Value::Object(_)) => Ok(patch),
        Ok(_) => Err(PyValueError::new_err(
            "`tauri_config` must be a JSON object, such as '{\"productName\": \"My app\"}'",
        )),
        Err(err) => Err(PyValueError::new_err(format!(
            "`tauri_config` is not valid JSON: {err}"
        ))),
    }
}

fn mapping_to_json(mapping: &Bound<'_, PyMapping>) -> PyResult<String> {
    let py = mapping.py();
    let options = PyDict::new(py);
    options.set_item("allow_nan", false)?;
    let plain = py.get_type::<PyDict>().call1((mapping,))?;
    py.import("json")?
        .call_method("dumps", (plain,), Some(&options))
        .and_then(|text| text.extract())
        .map_err(|err| {
            PyValueError::new_err(format!("`tauri_config` cannot be written as JSON: {err}"))
        })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Context>()?;
    module.add_function(wrap_pyfunction!(context_factory, module)?)
}
