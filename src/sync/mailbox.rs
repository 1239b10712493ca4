//! Implements the mailbox of an actor: one thread at a time handles messages, no thread ever waits.

use std::ops::ControlFlow;

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

    /// Puts a message in and handles messages until none is left. Returns at once if another thread
    /// does so.
    ///
    /// A turn that breaks is handed over: messages wait until somebody ends it by
    /// [`Mailbox::resume`].
    pub(crate) fn send(&self, event: E, turn: impl FnMut(E) -> ControlFlow<()>) {
        self.events.push(event);
        if self.pending.fetch_add(1, Ordering::AcqRel) == 0 {
            self.work(turn);
        }
    }

    /// Ends a turn that was handed over, and handles the messages that have come since.
    pub(crate) fn resume(&self, turn: impl FnMut(E) -> ControlFlow<()>) {
        if self.pending.fetch_sub(1, Ordering::AcqRel) > 1 {
            self.work(turn);
        }
    }

    fn work(&self, mut turn: impl FnMut(E) -> ControlFlow<()>) {
        loop {
            // None: whoever was here before took the message before it was counted.
            if let Some(event) = self.events.pop()
                && turn(event).is_break()
            {
                return;
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
