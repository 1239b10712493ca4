//! Makes the extension module of an app that is a crate of its own.

use pyo3::{
    exceptions::PyImportError,
    prelude::*,
    types::{PyCFunction, PyDict, PyTuple},
    wrap_pymodule,
};
use tauri::Wry;

use super::standalone;
use crate::python::{
    _native,
    app::{
        building::{builder::AppBuilder, panics},
        context::Context,
    },
};

/// The name under which the package `transom` imports its native half.
const NATIVE: &str = "transom._native";

/// Makes `module` the extension module of an app: the package `transom` uses this library as its
/// native half, and its `context_factory` and `builder_factory` call these functions, with the
/// arguments that they get in Python.
///
/// ```no_run
/// # use pyo3::prelude::*;
/// #[tauri::command]
/// fn greet(name: &str) -> String {
///     format!("Hello {name}, from Rust")
/// }
///
/// #[pyo3::pymodule(gil_used = false)]
/// pub mod ext_mod {
///     # use super::*;
///     #[pymodule_init]
///     fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
///         transom::pymodule_export(
///             module,
///             |_args, _kwargs| Ok(context()),
///             |_args, _kwargs| {
///                 Ok(tauri::Builder::default().invoke_handler(tauri::generate_handler![greet]))
///             },
///         )
///     }
/// }
/// # fn context() -> tauri::Context { unimplemented!() } // in an app: `tauri::generate_context!()`
/// # fn main() {}
/// ```
///
/// In Python, `main` drives:
///
/// ```python
/// app = builder_factory().build(
///     context=context_factory(),
///     invoke_handler=commands.generate_handler(portal),
/// )
/// app.run_return()
/// ```
///
/// Pages call commands in Rust by `invoke`, and those in Python by `pyInvoke`. The builder's own
/// `setup` is called before the `setup=` of Python's `build`.
///
/// The package finds the module by an entry point in the group `transom`, such as
/// `ext_mod = "my_app.ext_mod"`, if the app that imports the package is in `my_app`. Or the app
/// imports its module before `transom`. [`standalone`](crate::standalone) needs neither.
///
/// In a worker process the module is loaded without Transom: what else it holds can be used.
///
/// # Errors
///
/// `ImportError`: the process has loaded another library of Transom.
pub fn pymodule_export<C, B>(
    module: &Bound<'_, PyModule>,
    context_factory: C,
    builder_factory: B,
) -> PyResult<()>
where
    C: Fn(&Bound<'_, PyTuple>, Option<&Bound<'_, PyDict>>) -> PyResult<tauri::Context<Wry>>
        + Send
        + Sync
        + 'static,
    B: Fn(&Bound<'_, PyTuple>, Option<&Bound<'_, PyDict>>) -> PyResult<tauri::Builder<Wry>>
        + Send
        + Sync
        + 'static,
{
    let py = module.py();
    let sys = py.import("sys")?;
    let modules = sys.getattr("modules")?.cast_into::<PyDict>()?;
    if let Some(loaded) = modules.get_item(NATIVE)? {
        return match loaded.getattr_opt("IS_WORKER")? {
            Some(_) => Ok(()),
            None => Err(second_library(module, &loaded)),
        };
    }
    let built_in = sys.getattr("builtin_module_names")?;
    if built_in.contains(standalone::MODULE)? && !standalone::is_here() {
        return Err(beside_the_program(module));
    }
    let native = wrap_pymodule!(_native)(py).into_bound(py);
    native.setattr("__name__", NATIVE)?;
    native.add(
        "context_factory",
        PyCFunction::new_closure(py, Some(c"context_factory"), None, move |args, kwargs| {
            panics::caught(|| context_factory(args, kwargs))?.and_then(|it| Context::new(it, None))
        })?,
    )?;
    native.add(
        "builder",
        PyCFunction::new_closure(py, Some(c"builder"), None, move |args, kwargs| {
            panics::caught(|| builder_factory(args, kwargs))?.and_then(AppBuilder::new)
        })?,
    )?;
    native.add("EXT_MOD", module)?;
    modules.set_item(NATIVE, native)
}

fn second_library(module: &Bound<'_, PyModule>, loaded: &Bound<'_, PyAny>) -> PyErr {
    let name = name_of(module);
    let file = loaded
        .getattr("__file__")
        .map_or_else(|_| "another app's module".into(), |it| it.to_string());
    PyImportError::new_err(format!(
        "`{name}` cannot be used: this process has loaded another library of Transom ({file}), and \
         a process has one. Import `{name}` before `transom`, or import `transom` from the package \
         that the entry point for `{name}` in the group `transom` names"
    ))
}

fn beside_the_program(module: &Bound<'_, PyModule>) -> PyErr {
    let name = name_of(module);
    PyImportError::new_err(format!(
        "`{name}` is built into this program, and the file of that name is another library: \
         import `transom` before it, and name it in the group `transom` of the entry points"
    ))
}

fn name_of(module: &Bound<'_, PyModule>) -> String {
    module
        .name()
        .map_or_else(|_| "this module".into(), |name| name.to_string())
}
