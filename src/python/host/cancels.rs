//! Reports cancels of interruptible calls to the Python thread that interrupts them.

use crossbeam_channel::{Receiver, Sender, unbounded};
use pyo3::prelude::*;

use crate::python::{executor::call::PythonCall, gil, own::Own};

/// Sends the ids of cancelled calls to the thread that waits for them.
///
/// Each call is reported once, so the admitted calls bound the queue.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct Cancels(Own<CancelQueue>);

struct CancelQueue {
    /// The queue; `None` marks its end.
    news: Sender<Option<u64>>,
    waiting: Receiver<Option<u64>>,
}

#[pymethods]
impl Cancels {
    #[new]
    fn new() -> Self {
        let (news, waiting) = unbounded();
        Self(Own::new(CancelQueue { news, waiting }))
    }

    /// Makes `take` return the id of this call when the call is cancelled, or if it was.
    fn watch(&self, call: &PythonCall) -> PyResult<()> {
        let (news, id) = (self.0.get()?.news.clone(), call.call().key().0);
        let tell = move || {
            let _ = news.send(Some(id));
        };
        call.call().on_cancel(id, Box::new(tell));
        Ok(())
    }

    /// Waits for the next cancelled call, without the GIL. `None`: closed.
    fn take(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        let it = self.0.get()?;
        Ok(gil::detach(py, || it.waiting.recv()).ok().flatten())
    }

    /// Calls `raise_in(thread, error)` if that thread is still in `frame`. `frames()` tells where
    /// each thread is. False: the thread has gone on.
    ///
    /// No Python code runs between the check and the call. So, in an interpreter with a GIL, the
    /// thread cannot go on between them.
    /// while the interpreter has a lock.
    #[staticmethod]
    fn raise_at(
        thread: u64,
        frame: &Bound<'_, PyAny>,
        frames: &Bound<'_, PyAny>,
        raise_in: &Bound<'_, PyAny>,
        error: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        // Kept to the end: what goes with it may run code.
        let all = frames.call0()?;
        let there = all.get_item(thread)?;
        if !there.is(frame) {
            return Ok(false);
        }
        raise_in.call1((thread, error))?;
        Ok(true)
    }

    /// Ends `take`.
    fn close(&self) -> PyResult<()> {
        let _ = self.0.get()?.news.send(None);
        Ok(())
    }
}
