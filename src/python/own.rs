//! Protects objects that belong to the app's process from being used in a fork of it.

use std::mem;

use pyo3::{import_exception, prelude::*};

use crate::fork;

import_exception!(transom.errors, ForkedError);

/// `ForkedError` in a fork of the app's process.
pub(crate) fn check_process() -> PyResult<()> {
    if fork::is_child() {
        return Err(ForkedError::new_err(()));
    }
    Ok(())
}

/// A value of the app's process. In a fork it cannot be used, and dropping it does nothing, because
/// both could wait for a thread that does not exist there, or write to descriptors of the app.
#[derive(Debug)]
pub(crate) struct Own<T>(Option<T>);

impl<T> Own<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// `ForkedError` in a fork.
    pub(crate) fn get(&self) -> PyResult<&T> {
        check_process()?;
        self.0.as_ref().ok_or_else(|| ForkedError::new_err(()))
    }

    /// Like [`Own::get`].
    #[cfg(feature = "python-main")]
    pub(crate) fn get_mut(&mut self) -> PyResult<&mut T> {
        check_process()?;
        self.0.as_mut().ok_or_else(|| ForkedError::new_err(()))
    }
}

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        if fork::is_child() {
            mem::forget(self.0.take());
        }
    }
}

/// Ends this process if it is a fork that returns from the code that made it, because it has
/// nothing of the app to go on with. `error` is what that code raised.
pub(crate) fn end_fork(py: Python<'_>, error: Option<&PyErr>) {
    if !fork::is_child() {
        return;
    }
    let error = error.map(|it| it.clone_ref(py).into_value(py));
    let left = py
        .import("transom._fork")
        .and_then(|module| module.call_method1("leave", (error,)));
    // It does not return.
    drop(left);
    std::process::abort();
}
