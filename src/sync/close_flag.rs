//! Closes a lock-free queue without losing an item that is put in just after its last reader left.

use super::primitives::{AtomicBool, Ordering, fence};

#[derive(Debug)]
pub(crate) struct CloseFlag(AtomicBool);

impl CloseFlag {
    pub(crate) fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Marks that nobody reads the queue any more. The caller must empty it.
    pub(crate) fn end(&self) {
        self.0.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    /// Whether a caller who has just put something in must empty the queue, because it is closed.
    pub(crate) fn has_ended(&self) -> bool {
        // Either the one who ended it sees what was put in, or this sees the end.
        fence(Ordering::SeqCst);
        self.0.load(Ordering::Acquire)
    }
}
