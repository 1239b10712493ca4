//! Tells a Python thread which calls did not end after a cancel, so that it logs their stacks.

use crossbeam_channel::{Receiver, Sender, unbounded};
use pyo3::prelude::*;

use crate::actors::System;
use crate::python::{gil, own::Own};

/// `(id, command, window)` of a call.
type AbandonedCall = (u64, String, String);

/// The calls of an app whose work still ran at the end of its time to clean up.
///
/// Each call is reported once, so the admitted calls bound the queue.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct Abandoned(Own<AbandonedQueue>);

struct AbandonedQueue {
    /// The queue; `None` marks its end.
    news: Sender<Option<AbandonedCall>>,
    waiting: Receiver<Option<AbandonedCall>>,
}

impl Abandoned {
    /// Reports the calls of this app from now on.
    pub(crate) fn of(system: &System) -> Self {
        let (news, waiting) = unbounded();
        let sender = news.clone();
        system.on_abandoned(move |call| {
            let (command, window) = (&call.request.command, &call.request.window);
            let named = (call.key().0, command.to_string(), window.to_string());
            let _ = sender.send(Some(named));
        });
        Self(Own::new(AbandonedQueue { news, waiting }))
    }
}

#[pymethods]
impl Abandoned {
    /// Waits, without the GIL, for the next call: `(id, command, window)`. `None`: it was closed.
    fn take(&self, py: Python<'_>) -> PyResult<Option<AbandonedCall>> {
        let it = self.0.get()?;
        Ok(gil::detach(py, || it.waiting.recv()).ok().flatten())
    }

    /// Ends `take`.
    fn close(&self) -> PyResult<()> {
        let _ = self.0.get()?.news.send(None);
        Ok(())
    }
}
