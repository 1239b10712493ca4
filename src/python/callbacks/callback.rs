//! Wraps a Python callable that receives Tauri's events, and posts calls of it.
//!
//! Python itself calls it, on threads that Python has started, so that none of our stack frames lie
//! below it.

use std::{fmt, sync::Arc};

use pyo3::{exceptions::PyTypeError, prelude::*, types::PyTuple};

use super::{
    errand::{Done, Function},
    queue::CoalesceKey,
    threads::{self, CallbackLane},
};
use crate::python::gil;

/// The arguments of a call, and the function to call at its end.
pub(crate) type Invocation<'py> = (Bound<'py, PyTuple>, Option<Done>);

/// A callable. It is cheap to clone, and can be cloned and dropped without the GIL.
#[derive(Clone)]
pub(crate) struct Callback(Arc<Function>);

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("id", &self.0.id).finish()
    }
}

impl Callback {
    /// `TypeError` if `func` cannot be called, `ValueError` if calling it would run no code.
    /// Whether it is `async` is found out here, once. Starts the thread that calls it, if there is
    /// none.
    pub(crate) fn new(func: &Bound<'_, PyAny>) -> PyResult<Self> {
        let is_async = is_async(func)?;
        threads::serve(func.py(), CallbackLane::of(is_async))?;
        Ok(Self(Arc::new(Function::new(func, is_async))))
    }

    /// The key under which posts of this callback conflate.
    pub(crate) fn key(&self, kind: &'static str, label: &str) -> CoalesceKey {
        CoalesceKey {
            callback: self.0.id,
            kind,
            label: label.to_owned(),
        }
    }

    /// Posts one call. A callback thread runs `args` to get the arguments. Needs no GIL, never
    /// blocks.
    pub(crate) fn post<A>(&self, key: Option<CoalesceKey>, args: A, done: Option<Done>)
    where
        A: for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyTuple>> + Send + 'static,
    {
        let inner = self.0.clone();
        let job = move |py: Python<'_>| Ok(Some(inner.errand(args(py)?, done, false)));
        threads::post(self.lane(), key, Box::new(job));
    }

    /// Posts a call for an event of a listener, which limits the number of its calls. `call` runs
    /// when its turn comes, and returns the arguments and the function to call at the end.
    pub(crate) fn post_event<C>(&self, call: C)
    where
        C: for<'py> FnOnce(Python<'py>) -> PyResult<Option<Invocation<'py>>> + Send + 'static,
    {
        let inner = self.0.clone();
        let job = move |py: Python<'_>| {
            let call = call(py)?;
            Ok(call.map(|(args, done)| inner.errand(args, done, true)))
        };
        threads::post_event(self.lane(), Box::new(job));
    }

    fn lane(&self) -> CallbackLane {
        CallbackLane::of(self.is_async())
    }

    pub(crate) fn is_async(&self) -> bool {
        self.0.is_async
    }
}

/// Whether a callback is `async`. The errors are those of [`Callback::new`].
pub(crate) fn is_async(func: &Bound<'_, PyAny>) -> PyResult<bool> {
    let _visit = gil::visit(func.py());
    if !func.is_callable() {
        let kind = func.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "a callback must be callable, got {kind}"
        )));
    }
    let callbacks = func.py().import("transom._app.callbacks")?;
    callbacks.call_method1("is_async", (func,))?.is_truthy()
}

/// `TypeError` if `func` has returned something that should have been awaited. For functions that
/// are not a [`Callback`].
pub(crate) fn check_returned(func: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let module = func.py().import("transom._commands.unawaited")?;
    module
        .call_method1("check_returned", (func, value))
        .map(drop)
}
