//! A Python callable that Tauri's events are delivered to. Python itself calls it, on threads that
//! Python has started: no frame of ours lies below it.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use pyo3::{exceptions::PyTypeError, prelude::*, types::PyTuple};

use super::{
    callbacks::{self, Lane},
    gil,
    own::Own,
    queue::Key,
};

type OnDone = Box<dyn FnOnce(Option<&Bound<'_, PyAny>>) + Send>;

/// Called exactly once with what the callback returned, or with `None` when it failed or never ran.
pub(crate) struct Done(Option<OnDone>);

impl Done {
    pub(crate) fn new(f: impl FnOnce(Option<&Bound<'_, PyAny>>) + Send + 'static) -> Self {
        Self(Some(Box::new(f)))
    }

    fn call(mut self, value: Option<&Bound<'_, PyAny>>) {
        if let Some(f) = self.0.take() {
            f(value);
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(f) = self.0.take() {
            f(None);
        }
    }
}

/// What is called when a callback has ended: with whether it succeeded, and what it returned.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct CallbackDone(Own<Mutex<Option<Done>>>);

/// What Python needs to call a callback: the function, its arguments, and whom to tell of its end.
pub(crate) type Errand = (Py<PyAny>, Py<PyTuple>, CallbackDone);

#[pymethods]
impl CallbackDone {
    fn __call__(&self, ok: bool, value: Bound<'_, PyAny>) -> PyResult<()> {
        let done = self.0.get()?;
        let _visit = gil::visit(value.py());
        let done = done.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(done) = done {
            done.call(ok.then_some(&value));
        }
        Ok(())
    }
}

struct Inner {
    func: Py<PyAny>,
    is_async: bool,
    id: u64,
}

/// Cheap to clone, and cloned and dropped without the GIL.
#[derive(Clone)]
pub(crate) struct Callback(Arc<Inner>);

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("id", &self.0.id).finish()
    }
}

impl Callback {
    /// `TypeError` when `func` cannot be called. Whether it is `async` is looked at here, once.
    /// Starts the thread that calls it, if there is none.
    pub(crate) fn new(func: &Bound<'_, PyAny>) -> PyResult<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let _visit = gil::visit(func.py());
        if !func.is_callable() {
            let kind = func.get_type().name()?;
            return Err(PyTypeError::new_err(format!(
                "a callback must be callable, got {kind}"
            )));
        }
        let is_coroutine = func
            .py()
            .import("inspect")?
            .getattr("iscoroutinefunction")?;
        let is_async = is_coroutine.call1((func,))?.is_truthy()?
            || is_coroutine
                .call1((func.get_type().getattr("__call__")?,))?
                .is_truthy()?;
        callbacks::serve(func.py(), Lane::of(is_async))?;
        Ok(Self(Arc::new(Inner {
            func: func.clone().unbind(),
            is_async,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
        })))
    }

    /// The key under which posts of this callback conflate.
    pub(crate) fn key(&self, kind: &'static str, label: &str) -> Key {
        Key {
            callback: self.0.id,
            kind,
            label: label.to_owned(),
        }
    }

    /// Posts one call. `args` is asked for on a thread of callbacks. Needs no GIL, never blocks.
    pub(crate) fn post<A>(&self, key: Option<Key>, args: A, done: Option<Done>)
    where
        A: for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyTuple>> + Send + 'static,
    {
        let inner = self.0.clone();
        let lane = Lane::of(inner.is_async);
        let job = move |py: Python<'_>| {
            let args = args(py)?.unbind();
            let done = CallbackDone(Own::new(Mutex::new(done)));
            Ok((inner.func.clone_ref(py), args, done))
        };
        callbacks::post(lane, key, Box::new(job));
    }
}
