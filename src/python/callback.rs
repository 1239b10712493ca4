//! A Python callable that Tauri's events are delivered to.

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

/// What the portal's task calls when an `async def` callback has ended.
#[pyclass(frozen, module = "transom._native")]
struct AsyncDone(Own<Mutex<Option<Done>>>);

#[pymethods]
impl AsyncDone {
    fn __call__(&self, ok: bool, value: Bound<'_, PyAny>) -> PyResult<()> {
        let done = self.0.get()?;
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
    pub(crate) fn new(func: &Bound<'_, PyAny>) -> PyResult<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
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
        let lane = if inner.is_async {
            Lane::Async
        } else {
            Lane::Plain
        };
        let job = move |py: Python<'_>| inner.call(args(py)?, done);
        callbacks::post(lane, key, Box::new(job));
    }
}

impl Inner {
    fn call(&self, args: Bound<'_, PyTuple>, done: Option<Done>) -> PyResult<()> {
        let py = args.py();
        if self.is_async {
            let done = AsyncDone(Own::new(Mutex::new(done)));
            py.import("transom._callbacks")?
                .call_method1("start", (&self.func, args, done))?;
            return Ok(());
        }
        let value = self.func.bind(py).call1(args)?;
        if let Some(done) = done {
            done.call(Some(&value));
        }
        Ok(())
    }
}
