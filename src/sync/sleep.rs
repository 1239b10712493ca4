//! One sleeper and those who bring it work: it is woken only when it sleeps.
//!
//! Both sides exchange the one flag, so that one comes second: a waker that does sees that the
//! sleeper sleeps, a sleeper that does sees the work that was left before.

use super::primitives::{AtomicBool, Ordering};

#[derive(Debug)]
pub(crate) struct Sleep {
    asleep: AtomicBool,
}

impl Sleep {
    /// The sleeper is asleep until its first look.
    pub(crate) fn new() -> Self {
        Self {
            asleep: AtomicBool::new(true),
        }
    }

    /// After work was left: whether the sleeper must be woken for it, by this thread.
    pub(crate) fn must_wake(&self) -> bool {
        self.asleep.swap(false, Ordering::AcqRel)
    }

    /// The sleeper's next piece of work. `None`: it may go to sleep.
    pub(crate) fn next<T>(&self, mut take: impl FnMut() -> Option<T>) -> Option<T> {
        take().or_else(|| {
            self.doze();
            // Work that came before the doze found nobody asleep.
            take()
        })
    }

    /// From here on new work wakes the sleeper.
    pub(crate) fn doze(&self) {
        self.asleep.swap(true, Ordering::AcqRel);
    }
}
