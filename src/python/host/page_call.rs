//! Lets Python call the functions that a page has exposed.

use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
};
use serde_json::value::RawValue;

use super::{page_answer::into_python, python_host::PythonHost};
use crate::python::{
    convert::errors::check_json,
    executor::{call::PythonCall, inbox::Inbox},
    gil,
};
use crate::{host::Host, ipc::PageCallResult};

/// What ends the wait of a thread.
enum News {
    Answer(PageCallResult),
    Cancelled,
}

#[pymethods]
impl PythonHost {
    /// Calls an exposed function of the page in a window. The answer arrives as `token` through
    /// `inbox`. Returns a number for `forget_page_call`.
    fn call_page(
        &self,
        label: &str,
        name: &str,
        arg: String,
        inbox: &Inbox,
        token: u64,
    ) -> PyResult<Option<u64>> {
        let post = inbox.post()?;
        let answer = move |result| post.reply(token, result);
        let bridge = &self.get()?.bridge;
        Ok(bridge.call_page(label, name, parse(arg)?, answer))
    }

    /// Drops a call of a page that nobody waits for any more.
    fn forget_page_call(&self, number: u64) -> PyResult<()> {
        self.get()?.bridge.forget_page_call(number);
        Ok(())
    }

    /// Calls a function of the page and waits for it on this thread, without the GIL. The wait ends
    /// after `timeout` seconds, or when `call` is cancelled. Returns `(kind, value)`; besides the
    /// kinds of answers there are `timeout` and `cancelled`. `RuntimeError`: this is the UI thread.
    #[pyo3(signature = (label, name, arg, timeout, call=None))]
    fn call_page_blocking(
        &self,
        py: Python<'_>,
        label: &str,
        name: &str,
        arg: String,
        timeout: f64,
        call: Option<&PythonCall>,
    ) -> PyResult<(&'static str, Py<PyAny>)> {
        let Host { bridge, system, .. } = &**self.get()?;
        if bridge.is_ui_thread() {
            return Err(PyRuntimeError::new_err(
                "`blocking_call` cannot run on the UI thread: the page answers there, so its \
                 answer could never come",
            ));
        }
        let arg = parse(arg)?;
        // One answer and one cancel: nothing that is sent here ever waits.
        let (news, told) = bounded(2);
        let tell = news.clone();
        let answer = move |result| drop(tell.try_send(News::Answer(result)));
        let id = system.next_key();
        if let Some(call) = call {
            let tell = move || drop(news.try_send(News::Cancelled));
            call.call().on_cancel(id, Box::new(tell));
        }
        let heard = gil::detach(py, || {
            let number = bridge.call_page(label, name, arg, answer);
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
            Some(News::Answer(result)) => into_python(py, result),
            Some(News::Cancelled) => Ok(("cancelled", py.None())),
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
