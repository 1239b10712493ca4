//! The cancels that a Python thread must carry out by itself: those of interruptible calls.

use crossbeam_channel::{Receiver, Sender, unbounded};
use pyo3::prelude::*;

use super::{call::PythonCall, gil, own::Own};

/// Brings the ids of cancelled calls to a thread that waits for them.
///
/// A call is told of once, so no more waits here than calls are admitted.
#[pyclass(frozen, module = "transom._native")]
pub(super) struct Cancels(Own<News>);

struct News {
    /// `None` for the end.
    news: Sender<Option<u64>>,
    waiting: Receiver<Option<u64>>,
}

#[pymethods]
impl Cancels {
    #[new]
    fn new() -> Self {
        let (news, waiting) = unbounded();
        Self(Own::new(News { news, waiting }))
    }

    /// Has the call's id come out of `take` when the call is cancelled, or was.
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

    /// Lets `take` end.
    fn close(&self) -> PyResult<()> {
        let _ = self.0.get()?.news.send(None);
        Ok(())
    }
}
