//! Lets Python call the functions that a page has exposed.

use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
    types::PyString,
};
use serde_json::value::RawValue;

use super::answer::into_python;
use crate::python::{
    convert::errors::check_json,
    executor::{call::PythonCall, inbox::Inbox},
    gil,
    host::python_host::PythonHost,
    window::webview::AnyWindow,
};
use crate::{host::Host, ipc::PageCallResult};

/// Whose page is called. The windows of a test are labels only.
enum Callee {
    Window(Box<AnyWindow>),
    Label(String),
}

impl FromPyObject<'_, '_> for Callee {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return Ok(Self::Label(object.extract()?));
        }
        Ok(Self::Window(Box::new(object.extract()?)))
    }
}

impl Callee {
    /// Does `act` with the label while it is that of this window. `WindowClosed` when it is gone.
    fn ask<T: Send>(&self, py: Python<'_>, act: impl FnOnce(&str) -> T + Send) -> PyResult<T> {
        match self {
            Self::Window(window) => window.0.while_open(py, |it| act(it.label())),
            Self::Label(label) => Ok(gil::detach(py, || act(label))),
        }
    }
}

/// What ends the wait of a thread.
enum PageCallEvent {
    Answer(PageCallResult),
    Cancelled,
}

#[pymethods]
impl PythonHost {
    /// Calls an exposed function of the page in a window. The answer arrives as `token` through
    /// `inbox`. Returns a number for `forget_page_call`.
    fn call_page(
        &self,
        py: Python<'_>,
        window: Callee,
        name: &str,
        arg: String,
        inbox: &Inbox,
        token: u64,
    ) -> PyResult<Option<u64>> {
        let post = inbox.post()?;
        let answer = move |result| post.reply(token, result);
        let bridge = &self.get()?.bridge;
        let arg = parse(arg)?;
        window.ask(py, |label| bridge.call_page(label, name, arg, answer))
    }

    /// Drops a call of a page that nobody waits for any more.
    fn forget_page_call(&self, number: u64) -> PyResult<()> {
        self.get()?.bridge.forget_page_call(number);
        Ok(())
    }

    /// Calls a function of the page and waits for it on this thread, as `wait_for_page` does.
    #[pyo3(signature = (window, name, arg, timeout, call=None))]
    fn call_page_blocking(
        &self,
        py: Python<'_>,
        window: Callee,
        name: &str,
        arg: String,
        timeout: f64,
        call: Option<&PythonCall>,
    ) -> PyResult<(&'static str, Py<PyAny>)> {
        let arg = parse(arg)?;
        let bridge = &self.get()?.bridge;
        self.wait_for_page(py, "blocking_call", timeout, call, |answer| {
            window.ask(py, |label| bridge.call_page(label, name, arg, answer))
        })
    }
}

/// Takes the answer of a page.
pub(super) type ResultCallback = Box<dyn FnOnce(PageCallResult) + Send>;

impl PythonHost {
    /// Waits on this thread, without the GIL, for the answer of a page. `ask` asks it, and returns
    /// the number of the call if it can be forgotten. The wait ends after `timeout` seconds, or
    /// when `call` is cancelled. Returns `(kind, value)`; besides the kinds of answers there are
    /// `timeout` and `cancelled`. `RuntimeError`: this is the UI thread.
    pub(super) fn wait_for_page(
        &self,
        py: Python<'_>,
        method: &str,
        timeout: f64,
        call: Option<&PythonCall>,
        ask: impl FnOnce(ResultCallback) -> PyResult<Option<u64>>,
    ) -> PyResult<(&'static str, Py<PyAny>)> {
        let Host { bridge, system, .. } = &**self.get()?;
        if bridge.is_ui_thread() {
            return Err(PyRuntimeError::new_err(format!(
                "`{method}` cannot run on the UI thread: the page answers there, so its answer \
                 could never come",
            )));
        }
        // One answer and one cancel: nothing that is sent here ever waits.
        let (news, told) = bounded(2);
        let tell = news.clone();
        let number = ask(Box::new(move |result| {
            tell.try_send(PageCallEvent::Answer(result))
                .unwrap_or_default();
        }))?;
        let id = system.next_key();
        if let Some(call) = call {
            let tell = move || news.try_send(PageCallEvent::Cancelled).unwrap_or_default();
            call.call().on_cancel(id, Box::new(tell));
        }
        let heard = gil::detach(py, || {
            let heard = match deadline(timeout) {
                Some(deadline) => told.recv_deadline(deadline).ok(),
                None => told.recv().ok(),
            };
            if let Some(number) = number {
                bridge.forget_page_call(number);
            }
            heard
        });
        if let Some(call) = call {
            call.call().off_cancel(id);
        }
        match heard {
            Some(PageCallEvent::Answer(result)) => into_python(py, result),
            Some(PageCallEvent::Cancelled) => Ok(("cancelled", py.None())),
            None => Ok(("timeout", py.None())),
        }
    }
}

/// The moment after `seconds`. `None`: it is beyond the range of the clock.
pub(crate) fn deadline(seconds: f64) -> Option<Instant> {
    let wait = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
    Instant::now().checked_add(wait)
}

fn parse(arg: String) -> PyResult<Box<RawValue>> {
    check_json("arg", &arg)?;
    RawValue::from_string(arg).map_err(|error| PyValueError::new_err(error.to_string()))
}
