//! Replaces `Context` and `App` where the app is written in Rust, and raises errors that say so.
//!
//! The package imports these names in any case.

use pyo3::{
    exceptions::PyRuntimeError,
    prelude::*,
    types::{PyDict, PyTuple},
};

/// A `Context` that cannot be made.
#[pyclass(frozen, module = "transom")]
struct Context;

/// An `App` that cannot be made.
#[pyclass(frozen, module = "transom._native")]
struct App;

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
    module.add_class::<Context>()?;
    module.add_class::<App>()?;
    module.add_function(wrap_pyfunction!(builder, module)?)?;
    module.add_function(wrap_pyfunction!(context_factory, module)?)?;
    module.add_function(wrap_pyfunction!(start_host, module)?)
}
