//! Replaces what only the wheel has, and raises errors that say so. The package imports these names
//! in any case.
//!
//! In an app that Python's `main` builds, its crate replaces `builder` and `context_factory` again.

use pyo3::{
    exceptions::PyRuntimeError,
    prelude::*,
    types::{PyDict, PyTuple},
};

/// A `Context` that cannot be made.
#[cfg(not(feature = "python-main"))]
#[pyclass(frozen, module = "transom")]
struct Context;

/// An `App` that cannot be made.
#[cfg(not(feature = "python-main"))]
#[pyclass(frozen, module = "transom._native")]
struct App;

/// Capabilities that cannot be resolved.
#[pyclass(frozen, module = "transom._native")]
struct Authority;

#[pymethods]
impl Authority {
    #[staticmethod]
    fn of_folder(_folder: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(resolves_nothing())
    }

    #[staticmethod]
    fn of_json(_capabilities: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(resolves_nothing())
    }
}

fn resolves_nothing() -> PyErr {
    PyRuntimeError::new_err(
        "an app's crate has its capabilities from its build, and resolves no others: in tests, \
         import `transom.testing` before the app's package, so that the library of the package \
         `transom` is used",
    )
}

macro_rules! refusing {
    ($($name:ident),*) => {
        $(#[pyfunction]
        #[pyo3(signature = (*_args, **_options))]
        fn $name(
            _args: &Bound<'_, PyTuple>,
            _options: Option<&Bound<'_, PyDict>>,
        ) -> PyResult<()> {
            Err(built_in_rust())
        })*
    };
}

refusing!(builder, context_factory, start_host);

fn built_in_rust() -> PyErr {
    PyRuntimeError::new_err(
        "this app is built in Rust: its commands run without `run`, `builder_factory` or \
         `context_factory`",
    )
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    #[cfg(not(feature = "python-main"))]
    {
        module.add_class::<Context>()?;
        module.add_class::<App>()?;
    }
    module.add_class::<Authority>()?;
    module.add_function(wrap_pyfunction!(builder, module)?)?;
    module.add_function(wrap_pyfunction!(context_factory, module)?)?;
    module.add_function(wrap_pyfunction!(start_host, module)?)
}
