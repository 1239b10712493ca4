//! What `AppHandle` and `WebviewWindow` get from the Python half of the package.

use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use super::{app_handle::AppHandle, webview_window::WebviewWindow};

#[pymethods]
impl AppHandle {
    /// The calls whose work has not ended, oldest first: a list of `CallInfo`.
    fn calls<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("transom._calls")?.call_method0("calls")
    }

    /// Cancels a call. `False`: it has ended, or is being cancelled.
    #[pyo3(signature = (call_id, /))]
    fn cancel<'py>(&self, py: Python<'py>, call_id: u64) -> PyResult<Bound<'py, PyAny>> {
        py.import("transom._calls")?
            .call_method1("cancel", (call_id,))
    }
}

#[pymethods]
impl WebviewWindow {
    /// Runs a function that the page exposed; awaitable. See `transom._page.call`.
    #[pyo3(signature = (*args, **options))]
    fn call<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let all = std::iter::once(slf.as_any().clone()).chain(args.iter());
        let args = PyTuple::new(py, all.collect::<Vec<_>>())?;
        py.import("transom._page")?
            .call_method("call", args, options)
    }
}
