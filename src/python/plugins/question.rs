//! Brings the answer to a question that the user sees to a handler, or to a thread that waits.

use crossbeam_channel::bounded;
use pyo3::{IntoPyObjectExt as _, exceptions::PyRuntimeError, prelude::*, types::PyTuple};

use crate::python::{
    callbacks::callback::Callback,
    events::room::{Place, cancellable, cancelled},
    gil,
};

/// Takes the answer, on any thread.
pub(super) type Answer<T> = Box<dyn FnOnce(T) + Send>;

/// Passes the answer to `handler(answer)`, which runs off the UI thread.
pub(super) fn to_handler<T>(handler: &Bound<'_, PyAny>) -> PyResult<Answer<T>>
where
    T: for<'py> IntoPyObject<'py> + Send + 'static,
{
    let callback = Callback::new(handler)?;
    Ok(Box::new(move |answer: T| {
        callback.post(
            None,
            move |py| PyTuple::new(py, [answer.into_bound_py_any(py)?]),
            None,
        );
    }))
}

/// Asks, and waits for the answer without the GIL. Must not be called on a thread that others need.
///
/// `Cancelled`: the call that this thread runs was cancelled. `RuntimeError`: the app ended.
pub(super) fn wait<T: Send + 'static>(
    py: Python<'_>,
    ask: impl FnOnce(Answer<T>) + Send,
) -> PyResult<T> {
    let (answer, answered) = bounded(2);
    let place = Place::here(py, || false)?;
    let call = place.cancelled_with(None);
    let give_up = call.map(|_| answer.clone());
    let answer: Answer<T> = Box::new(move |value| {
        // Nobody waits any more after a cancel.
        let _ = answer.send(Some(value));
    });
    let wait = || {
        ask(answer);
        answered.recv()
    };
    let received = match give_up {
        Some(give_up) => cancellable(
            py,
            call,
            move || {
                let _ = give_up.send(None);
            },
            wait,
        ),
        None => gil::detach(py, wait),
    };
    match received {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(cancelled(py)),
        Err(_) => Err(PyRuntimeError::new_err(
            "the app has ended, and the question was not answered",
        )),
    }
}
