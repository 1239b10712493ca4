//! Defines the factories of the wheel: a context made from a folder, and a builder of Tauri's kind.

use std::{env, path::PathBuf};

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyDict, PyMapping, PyString, PyTuple},
};
use serde_json::Value;

use super::builder::AppBuilder;
use crate::{
    context::{self, Built, SCHEME, serve},
    python::{app::context::Context, gil, logging::warn, own::check_process},
};

/// The variable that has the effect of `dev=True` if it is 1.
const DEV_VARIABLE: &str = "TRANSOM_DEV";

/// Make a `Context` from the folder of an app's configuration, without a compiler.
///
/// Read are `tauri.conf.json`, `tauri.conf.json5` or `Tauri.toml` (the first there is), the file of
/// the platform (such as `tauri.linux.conf.json`), every `.json`, `.json5` and `.toml` file below
/// `capabilities/`, and the icon. The pages of a `build.frontendDist` folder are read from disk at
/// every request, and only from inside that folder.
///
/// Args:
///     src_tauri_dir: An absolute path, usually `Path(__file__).resolve().parent`. An app that is a
///         crate of its own leaves it out, or gives what arguments the crate takes.
///     tauri_config: A JSON Merge Patch over the files: a mapping, or JSON text. Arrays are
///         replaced, `None` removes. With at least `identifier` in it no file is needed.
///     dev: Take the pages from `build.devUrl`, where that is set. The default, `None`: if the
///         environment has `TRANSOM_DEV=1`.
///
/// Raises:
///     ValueError: Something in the folder or the patch is wrong; the text names the file, the
///         value and what to do.
///     TypeError: `tauri_config` is neither text nor a mapping; or there is no folder, and no crate
///         of the app's own is loaded.
///
/// What is allowed but hardly meant (a capability for a window that the configuration does not
/// have, permissions of plugins that are not built in, a frontend that is not there) is a warning
/// of the logger `transom`.
#[pyfunction]
#[pyo3(signature = (src_tauri_dir = None, /, *, tauri_config = None, dev = None))]
fn context_factory(
    py: Python<'_>,
    src_tauri_dir: Option<PathBuf>,
    tauri_config: Option<Bound<'_, PyAny>>,
    dev: Option<bool>,
) -> PyResult<Context> {
    check_process()?;
    let src_tauri_dir = src_tauri_dir.ok_or_else(without_folder)?;
    let patch = tauri_config.as_ref().map(read_patch).transpose()?;
    let dev = dev.unwrap_or_else(|| env::var_os(DEV_VARIABLE).is_some_and(|value| value == "1"));
    let built = gil::detach(py, || context::build(&src_tauri_dir, patch.as_ref(), dev));
    let Built { context, warnings } =
        built.map_err(|err| PyValueError::new_err(err.to_string()))?;
    warn(py, &warnings)?;
    Context::new(context, Some(src_tauri_dir))
}

fn without_folder() -> PyErr {
    PyTypeError::new_err(
        "`context_factory` needs the folder with `Tauri.toml` or `tauri.conf.json`: \
         `context_factory(Path(__file__).resolve().parent)`. Without arguments it is for an app with \
         a Rust crate of its own, and no such extension module is loaded: build it by installing the \
         app's package, and name it in the group `transom` of its entry points, or import it before \
         `transom`",
    )
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

/// Makes a builder of Tauri's default kind, whatever the arguments.
#[pyfunction]
#[pyo3(signature = (*_args, **_options))]
fn builder(
    _args: &Bound<'_, PyTuple>,
    _options: Option<&Bound<'_, PyDict>>,
) -> PyResult<AppBuilder> {
    AppBuilder::new(
        tauri::Builder::default().register_asynchronous_uri_scheme_protocol(SCHEME, serve),
    )
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(builder, module)?)?;
    module.add_function(wrap_pyfunction!(context_factory, module)?)
}
