//! Hands calls with large bodies to a thread that reads their keys.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use crossbeam_channel::Sender;

use super::key::KeySource;
use crate::actors::{call::cell::Call, ids::Name, limits::Limits};
use crate::error::CallError;

/// A call, and the sources of its keys.
pub(crate) type Reading = (Arc<Call>, Vec<KeySource>);

/// The thread that reads keys, and the count of the calls that it holds.
#[derive(Debug, Default)]
pub(crate) struct KeyReader {
    /// How many calls the thread holds. It changes only under the lock.
    count: AtomicUsize,
    backlog: Mutex<Backlog>,
}

/// The calls that the thread holds.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    windows: HashMap<Name, usize>,
    /// The sum of the bytes of their bodies.
    bytes: usize,
    pub(crate) thread: Option<(Sender<Reading>, JoinHandle<()>)>,
}

impl Backlog {
    /// Whether a call of this window is among them.
    pub(crate) fn has(&self, window: &Name) -> bool {
        self.windows.contains_key(window)
    }

    /// Checks the limits. A call on the thread has no place in the app yet, so it is bounded like
    /// one that waits.
    pub(crate) fn fits(&self, size: usize, limits: &Limits) -> Result<(), CallError> {
        let calls: usize = self.windows.values().sum();
        if calls >= limits.calls {
            return Err(CallError::overloaded("app", limits.calls));
        }
        if self.bytes > 0 && self.bytes.saturating_add(size) > limits.queued_bytes {
            return Err(CallError::queued_bytes(limits.queued_bytes));
        }
        Ok(())
    }
}

impl KeyReader {
    /// Whether the thread holds a call.
    pub(crate) fn is_busy(&self) -> bool {
        self.count.load(Ordering::Acquire) > 0
    }

    /// Notes that a call of this window, with a body of `size` bytes, goes to the thread.
    pub(crate) fn begins(&self, backlog: &mut Backlog, window: Name, size: usize) {
        self.count.fetch_add(1, Ordering::AcqRel);
        backlog.bytes += size;
        *backlog.windows.entry(window).or_default() += 1;
    }

    /// Notes that the thread has read the keys of such a call.
    pub(crate) fn ends(&self, window: &Name, size: usize) {
        let mut backlog = self.backlog();
        backlog.bytes -= size;
        if let Some(calls) = backlog.windows.get_mut(window) {
            *calls -= 1;
            if *calls == 0 {
                backlog.windows.remove(window);
            }
        }
        self.count.fetch_sub(1, Ordering::AcqRel);
    }

    pub(crate) fn backlog(&self) -> MutexGuard<'_, Backlog> {
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the calls on the thread, then ends it.
    pub(crate) fn end(&self) {
        let thread = self.backlog().thread.take();
        if let Some((sender, thread)) = thread {
            drop(sender);
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_bounded_in_calls_and_in_bytes() {
        let limits = Limits {
            calls: 2,
            queued_bytes: 10,
            ..Limits::default()
        };
        let backlog = |calls, bytes| Backlog {
            windows: [("main".into(), calls)].into(),
            bytes,
            thread: None,
        };
        assert!(
            backlog(0, 0).fits(100, &limits).is_ok(),
            "a lone body may be large"
        );
        assert!(backlog(1, 4).fits(6, &limits).is_ok());
        assert!(backlog(1, 4).fits(7, &limits).is_err());
        assert!(backlog(2, 4).fits(1, &limits).is_err());
    }
}
