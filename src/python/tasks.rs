//! What `AppHandle` and `WebviewWindow` get from the Python half of the package.

use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use super::{
    app_handle::AppHandle, call::CallId, own::check_process, webview_window::WebviewWindow,
};

#[pymethods]
impl AppHandle {
    /// The calls whose work has not ended, oldest first: a list of `CallInfo`. Those of windows
    /// beyond reach are left out.
    fn calls<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.get(py)?;
        let calls = py.import("transom._calls")?.call_method0("calls")?;
        let mut listed = Vec::new();
        for call in calls.try_iter()? {
            let call = call?;
            let window: String = call.getattr("window")?.extract()?;
            if self.reach().is_none_or(|reach| reach.includes(&window)) {
                listed.push(call);
            }
        }
        Ok(listed)
    }

    /// The worker processes, by pool and oldest first: a list of `Worker`. `PermissionError` unless
    /// every window is within reach: they run the calls of all.
    fn workers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.get(py)?;
        if let Some(reach) = self.reach() {
            reach.check_everywhere()?;
        }
        py.import("transom._workers")?.call_method0("workers")
    }

    /// Cancels a call. `False`: it has ended, or is being cancelled. `PermissionError` for one of
    /// a window beyond reach.
    #[pyo3(signature = (call_id, /))]
    fn cancel<'py>(&self, py: Python<'py>, call_id: CallId) -> PyResult<Bound<'py, PyAny>> {
        self.get(py)?;
        if let Some(reach) = self.reach() {
            let system = reach.system();
            if let Some(call) = system.and_then(|system| system.call(call_id.0)) {
                reach.check(&call.request.window)?;
            }
        }
        py.import("transom._calls")?
            .call_method1("cancel", (call_id.0.0,))
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
        pass_on(slf, "_page", "call", args, options)
    }

    /// The same on a thread that may wait. See `transom._page.blocking_call`.
    #[pyo3(signature = (*args, **options))]
    fn blocking_call<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        pass_on(slf, "_page", "blocking_call", args, options)
    }

    /// Waits until the window has gone; awaitable. See `transom._closed.closed`.
    #[pyo3(signature = (*args, **options))]
    fn closed<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        pass_on(slf, "_closed", "closed", args, options)
    }

    /// The same on a thread that may wait. See `transom._closed.blocking_closed`.
    #[pyo3(signature = (*args, **options))]
    fn blocking_closed<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        pass_on(slf, "_closed", "blocking_closed", args, options)
    }
}

/// Calls `transom.<module>.<function>(window, …)`.
fn pass_on<'py>(
    window: &Bound<'py, WebviewWindow>,
    module: &str,
    function: &str,
    args: &Bound<'py, PyTuple>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    check_process()?;
    let py = window.py();
    let all = std::iter::once(window.as_any().clone()).chain(args.iter());
    let args = PyTuple::new(py, all.collect::<Vec<_>>())?;
    py.import(format!("transom.{module}"))?
        .call_method(function, args, options)
}
