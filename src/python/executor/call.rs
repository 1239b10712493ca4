//! Defines the Python class `Call`: a call that Python code runs.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use pyo3::{
    buffer::PyBuffer,
    exceptions::{PyRuntimeError, PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyInt},
};

use crate::python::{
    gil,
    own::{Own, check_process},
};
use crate::{
    actors::{Body, Call, CallGuard, CallKey, Item, Items, Outcome, Progress, Push},
    error::{CallError, ErrorCode},
    ipc::json,
    sync::clock,
};

/// The number of a call, as Python code passes it. A number that no call can have finds none.
pub(crate) struct CallId(pub(crate) CallKey);

impl<'py> FromPyObject<'_, 'py> for CallId {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let number = object.cast::<PyInt>()?.extract().unwrap_or(u64::MAX);
        Ok(Self(CallKey(number)))
    }
}

/// One call. It ends with the first of `resolve_json`, `resolve_raw`, `reject` and `finish`, or
/// when the object is dropped.
#[pyclass(frozen, module = "transom._native", name = "Call")]
pub(crate) struct PythonCall {
    call: Arc<Call>,
    guard: Own<Mutex<Option<CallGuard>>>,
}

impl PythonCall {
    pub(crate) fn new(guard: CallGuard) -> Self {
        Self {
            call: Arc::clone(guard.call()),
            guard: Own::new(Mutex::new(Some(guard))),
        }
    }

    pub(crate) fn call(&self) -> &Arc<Call> {
        &self.call
    }

    /// `ForkedError` in a fork.
    fn live(&self) -> PyResult<&Arc<Call>> {
        check_process()?;
        Ok(&self.call)
    }

    fn guard(&self) -> PyResult<MutexGuard<'_, Option<CallGuard>>> {
        let guard = self.guard.get()?;
        Ok(guard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses the call's guard without the GIL. `None`: the call has ended.
    pub(crate) fn ask_guard<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&CallGuard) -> T + Send,
    ) -> PyResult<Option<T>> {
        let guard = self.guard.get()?;
        Ok(gil::detach(py, || {
            let guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
            guard.as_ref().map(ask)
        }))
    }

    fn push(&self, item: Item<'_>) -> PyResult<Option<bool>> {
        match self.items()?.push(item) {
            Push::In => Ok(Some(true)),
            Push::Full => Ok(Some(false)),
            Push::Over => Ok(None),
            Push::Misfit => Err(PyTypeError::new_err(
                "a stream's items are all JSON or all bytes of less than 4 GiB",
            )),
        }
    }

    fn items(&self) -> PyResult<&Items> {
        let items = self.live()?.items();
        items.ok_or_else(|| PyRuntimeError::new_err("the page wants one value of this call"))
    }

    /// Ends the call. It keeps the GIL for a small outcome, because a thread that gives it up gets
    /// it back only after a switch interval, behind a thread that computes. A large outcome may
    /// have to be written anew, and other threads must not wait for that.
    fn end(&self, py: Python<'_>, outcome: Outcome) -> PyResult<bool> {
        let guard = self.guard()?.take();
        let Some(guard) = guard else {
            return Ok(false);
        };
        if outcome.size() < LARGE {
            guard.end(outcome);
        } else {
            gil::detach(py, || guard.end(outcome));
        }
        Ok(true)
    }
}

/// From this size on, an outcome is handed over without the GIL.
const LARGE: usize = 64 << 10;

/// The bytes of a `bytes`, or of a flat `memoryview` of bytes.
fn bytes_of<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, [u8]>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Cow::Borrowed(bytes.as_bytes()));
    }
    Ok(Cow::Owned(PyBuffer::<u8>::get(value)?.to_vec(value.py())?))
}

#[pymethods]
impl PythonCall {
    /// The key of the call in this app.
    #[getter]
    fn id(&self) -> u64 {
        self.call.key().0
    }

    /// The command's name.
    #[getter]
    fn command(&self) -> &str {
        &self.call.request.command
    }

    /// The label of the calling window.
    #[getter]
    fn window(&self) -> &str {
        &self.call.request.window
    }

    /// Header names in lower case, and values.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let headers = self.call.request.headers.iter();
        headers
            .map(|(name, value)| (PyBytes::new(py, name), PyBytes::new(py, value)))
            .collect()
    }

    /// Whether the page sent bytes, until the body is taken.
    #[getter]
    fn is_raw(&self) -> PyResult<bool> {
        let call = self.live()?;
        Ok(call.look_at_body(|body| matches!(body, Body::Raw(_))))
    }

    /// Takes the body, once: its bytes, or `None` when the page sent none.
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let guard = self.guard()?;
        Ok(
            match guard.as_ref().map_or(Body::None, CallGuard::take_body) {
                Body::None => None,
                Body::Json(bytes) | Body::Raw(bytes) => Some(PyBytes::new(py, &bytes)),
            },
        )
    }

    /// Marks that user code runs from here on. False: it must not, as the call was stopped.
    fn begin(&self) -> PyResult<bool> {
        Ok(self.guard()?.as_ref().is_some_and(CallGuard::begin))
    }

    /// Whether the call was asked to stop.
    #[getter]
    fn cancelled(&self) -> PyResult<bool> {
        Ok(self.live()?.is_cancelled())
    }

    /// Seconds until the call's deadline, at least 0. `None`: it has none.
    #[getter]
    fn time_left(&self) -> PyResult<Option<f64>> {
        let deadline = self.live()?.deadline();
        let left = deadline.map(|it| it.saturating_duration_since(clock::now()));
        Ok(left.map(|it| it.as_secs_f64()))
    }

    /// Whether the call was answered.
    #[getter]
    fn settled(&self) -> PyResult<bool> {
        Ok(self.live()?.is_settled())
    }

    /// Whether the page wants a stream.
    #[getter]
    fn wants_stream(&self) -> PyResult<bool> {
        Ok(self.live()?.items().is_some())
    }

    /// Sends an item of a stream, as JSON text. False: there is no credit for it, so push it again
    /// when the stream wakes. `None`: nobody wants it any more.
    ///
    /// `ValueError`: no page could read it.
    fn push_json(&self, item: &str) -> PyResult<Option<bool>> {
        json::check(item).map_err(PyValueError::new_err)?;
        self.push(Item::Json(item))
    }

    /// Sends an item of a stream, as bytes. The result is that of `push_json`.
    fn push_raw(&self, item: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        self.push(Item::Raw(&bytes_of(item)?))
    }

    /// Waits, without the GIL, until another push may succeed.
    fn wait_for_credit(&self, py: Python<'_>) -> PyResult<()> {
        let items = self.items()?;
        gil::detach(py, || items.wait());
        Ok(())
    }

    /// Ends the call with JSON text. False: it had ended before. `ValueError`: no page could read
    /// it, and the call has not ended.
    fn resolve_json(&self, py: Python<'_>, json: &str) -> PyResult<bool> {
        let checked = match json.len() < LARGE {
            true => json::check(json),
            false => gil::detach(py, || json::check(json)),
        };
        checked.map_err(PyValueError::new_err)?;
        self.end(py, Outcome::Json(json.into()))
    }

    /// Ends the call with bytes. False: it had ended before.
    fn resolve_raw(&self, bytes: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.end(bytes.py(), Outcome::Raw(bytes_of(bytes)?.into_owned()))
    }

    /// Ends the call with an error. `details` is a JSON object. False: it had ended before.
    #[pyo3(signature = (code, message, details=None))]
    fn reject(
        &self,
        py: Python<'_>,
        code: &str,
        message: String,
        details: Option<&str>,
    ) -> PyResult<bool> {
        let code = ErrorCode::parse(code).unwrap_or(ErrorCode::Internal);
        let mut error = CallError::new(code, message);
        if let Some(details) = details.and_then(|text| serde_json::from_str(text).ok()) {
            error.details = details;
        }
        self.end(py, Outcome::Error(error))
    }

    /// Ends the work of a call that was answered before.
    fn finish(&self) -> PyResult<()> {
        let guard = self.guard()?.take();
        // Not under the lock: it tells the actors.
        drop(guard);
        Ok(())
    }

    /// Sends progress to the page.
    #[pyo3(signature = (done, total=None, message=None))]
    fn progress(&self, done: f64, total: Option<f64>, message: Option<String>) -> PyResult<()> {
        if let Some(guard) = &*self.guard()? {
            guard.progress(Progress {
                done,
                total,
                message,
            });
        }
        Ok(())
    }
}
