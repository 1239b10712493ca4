//! Notes how the work of a call ended, once, and keeps those who wait for that.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::actors::ids::{Released, Ticket};

/// How many askers may wait for the end of a call's work. A page that asks more often is at fault.
const WATCHERS: usize = 8;

/// The end of a call's work.
#[derive(Debug, Default)]
pub(crate) struct WorkEnd(Mutex<WorkEndState>);

#[derive(Debug)]
enum WorkEndState {
    Awaited(Vec<Ticket>),
    Known(Released),
}

impl Default for WorkEndState {
    fn default() -> Self {
        Self::Awaited(Vec::new())
    }
}

/// The reply to one who asks for the end of a call's work.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WatchReply {
    /// It has ended.
    Ended(Released),
    /// The ticket is given back by [`WorkEnd::end`].
    Waits,
    /// Too many wait.
    Full,
}

impl WorkEnd {
    fn lock(&self) -> MutexGuard<'_, WorkEndState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the work ended, once that is decided.
    pub(crate) fn known(&self) -> Option<Released> {
        match &*self.lock() {
            WorkEndState::Awaited(_) => None,
            WorkEndState::Known(how) => Some(*how),
        }
    }

    /// Decides how the work ended, once. Returns the tickets that waited for it.
    pub(crate) fn end(&self, how: Released) -> Vec<Ticket> {
        let mut state = self.lock();
        match &mut *state {
            WorkEndState::Known(_) => Vec::new(),
            WorkEndState::Awaited(tickets) => {
                let tickets = std::mem::take(tickets);
                *state = WorkEndState::Known(how);
                tickets
            }
        }
    }

    /// Asks how the work ends, for the holder of `ticket`.
    pub(crate) fn watch(&self, ticket: Ticket) -> WatchReply {
        match &mut *self.lock() {
            WorkEndState::Known(how) => WatchReply::Ended(*how),
            WorkEndState::Awaited(tickets) if tickets.len() >= WATCHERS => WatchReply::Full,
            WorkEndState::Awaited(tickets) => {
                tickets.push(ticket);
                WatchReply::Waits
            }
        }
    }
}
