//! Lets Python run scripts in pages and have what they give.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use pyo3::prelude::*;

use super::call::ResultCallback;
use crate::desktop::webview::evaluation::{self, EvaluationCallback};
use crate::ipc::PageCallError;
use crate::python::{
    convert::checked::Text,
    executor::{call::PythonCall, inbox::Inbox},
    host::python_host::PythonHost,
    window::{handlers::identity, webview::AnyWindow},
};

/// How many scripts of a window may wait, also for promises that nobody waits for any more.
const MOST: usize = 1024;

/// How many scripts of each window wait, by the identity of the window.
static WAITING: LazyLock<Mutex<HashMap<usize, usize>>> = LazyLock::new(Mutex::default);

fn waiting() -> MutexGuard<'static, HashMap<usize, usize>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The place of one script among those of its window.
struct ScriptSlot(usize);

impl ScriptSlot {
    fn take(window: usize) -> Option<Self> {
        let mut all = waiting();
        let count = all.entry(window).or_default();
        if *count == MOST {
            return None;
        }
        *count += 1;
        Some(Self(window))
    }
}

impl Drop for ScriptSlot {
    fn drop(&mut self) {
        let mut all = waiting();
        if let Some(count) = all.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.0);
            }
        }
    }
}

fn start(py: Python<'_>, window: &AnyWindow, script: &str, tell: ResultCallback) -> PyResult<()> {
    window.0.ask(py, |window| {
        let Some(place) = ScriptSlot::take(identity(&window.as_ref().window())) else {
            tell(Err(PageCallError::Overloaded));
            return Ok(());
        };
        let answer = EvaluationCallback::new(move |result| {
            drop(place);
            tell(result);
        });
        evaluation::evaluate(window, script, answer)
    })
}

#[pymethods]
impl PythonHost {
    /// Runs a script in the page of a window. What it gives arrives as `token` through `inbox`.
    fn evaluate(
        &self,
        py: Python<'_>,
        window: AnyWindow,
        script: Text,
        inbox: &Inbox,
        token: u64,
    ) -> PyResult<()> {
        let post = inbox.post()?;
        let tell = Box::new(move |result| post.reply(token, result));
        start(py, &window, &script.0, tell)
    }

    /// Runs a script in the page of a window and waits on this thread, as `wait_for_page` does.
    #[pyo3(signature = (window, script, timeout, call=None))]
    fn evaluate_blocking(
        &self,
        py: Python<'_>,
        window: AnyWindow,
        script: Text,
        timeout: f64,
        call: Option<&PythonCall>,
    ) -> PyResult<(&'static str, Py<PyAny>)> {
        self.wait_for_page(py, "blocking_evaluate", timeout, call, |tell| {
            start(py, &window, &script.0, tell).map(|()| None)
        })
    }
}
