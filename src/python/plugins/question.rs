//! Brings the answer to a question that the user sees to a handler, or to a thread that waits.

use std::sync::Arc;

use crossbeam_channel::bounded;
use pyo3::{IntoPyObjectExt as _, exceptions::PyRuntimeError, prelude::*, types::PyTuple};
use tauri::{Manager as _, Wry};

use crate::ipc::Bridge;
use crate::python::{
    callbacks::callback::Callback,
    events::room::{SendContext, cancellable, cancelled},
    gil,
};

/// Takes the answer, on any thread.
pub(super) type AnswerCallback<T> = Box<dyn FnOnce(T) + Send>;

/// Passes the answer to `handler(answer)`, which runs off the UI thread.
pub(super) fn to_handler<T>(handler: &Bound<'_, PyAny>) -> PyResult<AnswerCallback<T>>
where
    T: for<'py> IntoPyObject<'py> + Send + 'static,
{
    let callback = Callback::new(handler)?;
    Ok(Box::new(move |answer: T| {
        // Users answer one dialog after the other: nothing of this may be lost, nor lose others.
        callback.post_event(move |py| {
            let args = PyTuple::new(py, [answer.into_bound_py_any(py)?])?;
            Ok(Some((args, None)))
        });
    }))
}

/// Asks, and waits for the answer without the GIL. Must not be called on the thread of an event
/// loop.
///
/// `Cancelled`: the call that this thread runs was cancelled. `RuntimeError`: this is the UI
/// thread, or the app ended.
pub(super) fn wait<T: Send + 'static>(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    ask: impl FnOnce(AnswerCallback<T>) + Send,
) -> PyResult<T> {
    let bridge = app.try_state::<Arc<Bridge>>();
    if bridge.is_some_and(|it| it.is_ui_thread()) {
        return Err(PyRuntimeError::new_err(
            "this would wait for a dialog that this thread shows: pass a handler instead",
        ));
    }
    // An answer and a cancel: nothing that is sent here ever waits.
    let (answer, answered) = bounded(2);
    let place = SendContext::here(py, || false)?;
    let call = place.cancelled_with(None);
    let give_up = call.map(|_| answer.clone());
    let answer: AnswerCallback<T> = Box::new(move |value| {
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
