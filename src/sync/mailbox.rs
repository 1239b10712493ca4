//! Implements the mailbox of an actor: one thread at a time handles messages, no thread ever waits.

use super::primitives::{AtomicUsize, Ordering, Queue};

pub(crate) struct Mailbox<E> {
    events: Queue<E>,
    /// Messages that were not handled yet. The thread that raises it from zero handles them.
    pending: AtomicUsize,
}

impl<E> Mailbox<E> {
    pub(crate) fn new() -> Self {
        Self {
            events: Queue::new(),
            pending: AtomicUsize::new(0),
        }
    }

    /// Puts a message in. One `work` must follow, on any thread.
    pub(crate) fn put(&self, event: E) {
        self.events.push(event);
    }

    /// Handles messages until none is left. Returns at once if another thread is doing so.
    pub(crate) fn work(&self, mut turn: impl FnMut(E)) {
        if self.pending.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        loop {
            // None: whoever was here before took the message between its `put` and its `work`.
            if let Some(event) = self.events.pop() {
                turn(event);
            }
            if self.pending.fetch_sub(1, Ordering::AcqRel) == 1 {
                return;
            }
        }
    }
}

impl<E> std::fmt::Debug for Mailbox<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox")
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}
