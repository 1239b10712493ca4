//! The end of a queue: what is put in after its last reader has left is taken back.

use super::primitives::{AtomicBool, Ordering, fence};

#[derive(Debug)]
pub(crate) struct Ending(AtomicBool);

impl Ending {
    pub(crate) fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Nobody reads any more. The caller must empty the queue.
    pub(crate) fn end(&self) {
        self.0.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    /// After something was put in: whether the caller must empty the queue.
    pub(crate) fn has_ended(&self) -> bool {
        // Either the one who ended it sees what was put in, or this sees the end.
        fence(Ordering::SeqCst);
        self.0.load(Ordering::Acquire)
    }
}
