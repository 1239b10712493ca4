//! Brings the calls whose work is given up to a thread that says what they do.

use crossbeam_channel::{Receiver, Sender, unbounded};
use pyo3::prelude::*;

use super::{gil, own::Own};
use crate::actors::System;

/// `(id, command, window)` of a call.
type Named = (u64, String, String);

/// The calls of an app whose work still ran at the end of its time to clean up.
///
/// A call is told of once, so no more waits here than calls are admitted.
#[pyclass(frozen, module = "transom._native")]
pub(super) struct Abandoned(Own<News>);

struct News {
    /// `None` for the end.
    news: Sender<Option<Named>>,
    waiting: Receiver<Option<Named>>,
}

impl Abandoned {
    /// Of this app, from now on.
    pub(super) fn of(system: &System) -> Self {
        let (news, waiting) = unbounded();
        let sender = news.clone();
        system.on_abandoned(move |call| {
            let (command, window) = (&call.request.command, &call.request.window);
            let named = (call.key().0, command.to_string(), window.to_string());
            let _ = sender.send(Some(named));
        });
        Self(Own::new(News { news, waiting }))
    }
}

#[pymethods]
impl Abandoned {
    /// Waits for the next one, without the GIL: `(id, command, window)`. `None`: closed.
    fn take(&self, py: Python<'_>) -> PyResult<Option<Named>> {
        let it = self.0.get()?;
        Ok(gil::detach(py, || it.waiting.recv()).ok().flatten())
    }

    /// Lets `take` end.
    fn close(&self) -> PyResult<()> {
        let _ = self.0.get()?.news.send(None);
        Ok(())
    }
}
