//! Defines what a callback thread gets: a function, its arguments, and what to call at its end.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use pyo3::{prelude::*, types::PyTuple};

use crate::python::{gil, own::Own};

type OnDone = Box<dyn FnOnce(Option<&Bound<'_, PyAny>>) + Send>;

/// Called exactly once, with what the callback returned, or with `None` if it failed or never ran.
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

/// The Python object to call when a callback has ended, with whether it succeeded and what it
/// returned.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct CallbackDone {
    done: Own<Mutex<Option<Done>>>,
    of: Arc<Function>,
    /// Whether something else limits the number of such calls.
    #[pyo3(get)]
    bounded: bool,
}

/// The function, its arguments, and the object to call at its end.
pub(crate) type Errand = (Py<PyAny>, Py<PyTuple>, CallbackDone);

#[pymethods]
impl CallbackDone {
    fn __call__(&self, ok: bool, value: Bound<'_, PyAny>) -> PyResult<()> {
        let done = self.done.get()?;
        let _visit = gil::visit(value.py());
        let done = done.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(done) = done {
            done.call(ok.then_some(&value));
        }
        Ok(())
    }

    /// Notes that the callback has returned something that nobody awaits. True: for the first time.
    fn is_first_unawaited(&self) -> bool {
        !self.of.unawaited.swap(true, Ordering::Relaxed)
    }
}

/// The function of a callback.
pub(super) struct Function {
    func: Py<PyAny>,
    pub(super) is_async: bool,
    pub(super) id: u64,
    /// Whether it has returned something that nobody awaits.
    unawaited: AtomicBool,
}

impl Function {
    pub(super) fn new(func: &Bound<'_, PyAny>, is_async: bool) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            func: func.clone().unbind(),
            is_async,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            unawaited: AtomicBool::new(false),
        }
    }

    pub(super) fn errand(
        self: &Arc<Self>,
        args: Bound<'_, PyTuple>,
        done: Option<Done>,
        bounded: bool,
    ) -> Errand {
        let done = CallbackDone {
            done: Own::new(Mutex::new(done)),
            of: Arc::clone(self),
            bounded,
        };
        (self.func.clone_ref(args.py()), args.unbind(), done)
    }
}
