//! Checks permissions for the methods of `AppHandle` that are written in Python.

use pyo3::prelude::*;

use crate::python::{app::app_handle::AppHandle, executor::call::CallId};

#[pymethods]
impl AppHandle {
    /// `WindowClosed` if this handle has ended. `everywhere`: `PermissionError` unless every window
    /// is within reach.
    fn _check(&self, py: Python<'_>, everywhere: bool) -> PyResult<()> {
        self.get(py)?;
        match self.reach() {
            Some(reach) if everywhere => reach.check_everywhere(),
            _ => Ok(()),
        }
    }

    /// Whether the window is within reach.
    fn _reaches(&self, window: &str) -> bool {
        self.reach().is_none_or(|reach| reach.includes(window))
    }

    /// The number of a call. `PermissionError` for a call of a window out of reach.
    fn _check_call(&self, py: Python<'_>, call_id: CallId) -> PyResult<u64> {
        self.get(py)?;
        if let Some(reach) = self.reach() {
            let system = reach.system();
            if let Some(call) = system.and_then(|system| system.call(call_id.0)) {
                reach.check(&call.request.window)?;
            }
        }
        Ok(call_id.0.0)
    }
}
