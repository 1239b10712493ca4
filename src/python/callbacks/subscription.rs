//! Defines the Python class `Subscription`, by which a handler is removed again.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;

use crate::python::{gil, own::Own};

type Remove = Box<dyn FnOnce() + Send>;

/// A handler that was added. It stays when this object goes.
#[pyclass(frozen, module = "transom")]
pub(crate) struct Subscription(Own<Mutex<Option<Remove>>>);

impl Subscription {
    /// `remove` must return at once. It runs without the GIL.
    pub(crate) fn new(remove: impl FnOnce() + Send + 'static) -> Self {
        Self(Own::new(Mutex::new(Some(Box::new(remove)))))
    }
}

#[pymethods]
impl Subscription {
    /// Remove the handler; does nothing the second time.
    fn remove(&self, py: Python<'_>) -> PyResult<()> {
        let held = self.0.get()?;
        let remove = held.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(remove) = remove {
            gil::detach(py, remove);
        }
        Ok(())
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Subscription>()
}
