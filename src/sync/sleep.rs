//! Wakes a sleeping thread for new work, and only if it sleeps.
//!
//! Both sides exchange the same flag, so that one of them is second. A second waker sees that the
//! sleeper sleeps. A second sleeper sees the work that was left before.

use super::primitives::{AtomicBool, Ordering};

#[derive(Debug)]
pub(crate) struct Sleep {
    asleep: AtomicBool,
}

impl Sleep {
    /// Creates the flag. The sleeper counts as asleep until its first look.
    pub(crate) fn new() -> Self {
        Self {
            asleep: AtomicBool::new(true),
        }
    }

    /// Whether this thread, which has left work, must wake the sleeper.
    pub(crate) fn must_wake(&self) -> bool {
        self.asleep.swap(false, Ordering::AcqRel)
    }

    /// Takes the sleeper's next piece of work. `None`: it may go to sleep.
    pub(crate) fn next<T>(&self, mut take: impl FnMut() -> Option<T>) -> Option<T> {
        take().or_else(|| {
            self.doze();
            // Work that came before the doze found nobody asleep.
            take()
        })
    }

    /// Marks the sleeper as asleep. From here on new work wakes it.
    pub(crate) fn doze(&self) {
        self.asleep.swap(true, Ordering::AcqRel);
    }
}
