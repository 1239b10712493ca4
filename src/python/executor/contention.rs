//! Detects that calls wait long for the GIL: a loop was woken late, or a thread got the lock late.

use std::{
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pyo3::prelude::*;

/// A wait that is longer than this was behind a thread that computes, which CPython lets run for 5
/// ms.
const LATE: Duration = Duration::from_millis(2);
/// The same limit while such a thread is asked for the lock after 0.5 ms.
const STILL_LATE: Duration = Duration::from_micros(400);
/// Contention is over when nobody has been late for this long.
const CALM: Duration = Duration::from_secs(10);

/// Tells periods of contention from others. This is pure: it has no clock.
#[derive(Debug, Default)]
struct Waits {
    /// When the period of contention ends, unless somebody waits again.
    until: Option<Instant>,
}

impl Waits {
    /// Notes a wait. The result is whether a period of contention begins (true) or ends (false).
    fn waited(&mut self, wait: Duration, now: Instant) -> Option<bool> {
        match self.until {
            None if wait >= LATE => {
                self.until = Some(now + CALM);
                Some(true)
            }
            Some(_) if wait >= STILL_LATE => {
                self.until = Some(now + CALM);
                None
            }
            Some(until) if now >= until => {
                self.until = None;
                Some(false)
            }
            _ => None,
        }
    }

    fn end(&mut self) -> Option<bool> {
        self.until.take().map(|_| false)
    }
}

/// The contention of one executor, and the function that is told of it.
#[derive(Debug, Default)]
pub(crate) struct Contention {
    waits: Mutex<Waits>,
    /// Whether there is contention now.
    lasts: AtomicBool,
    tell: OnceLock<Py<PyAny>>,
}

impl Contention {
    /// Calls `tell(True)` when calls begin to wait for the lock, and `tell(False)` when that is
    /// over. May be set once.
    pub(crate) fn watch(&self, tell: Py<PyAny>) {
        let _ = self.tell.set(tell);
    }

    /// Notes how long this thread, which has the lock now, has waited for it.
    pub(crate) fn waited(&self, py: Python<'_>, wait: Duration) {
        if wait >= LATE || self.lasts.load(Ordering::Relaxed) {
            self.change(py, |waits| waits.waited(wait, Instant::now()));
        }
    }

    /// Ends a period of contention.
    pub(crate) fn end(&self, py: Python<'_>) {
        self.change(py, Waits::end);
    }

    fn change(&self, py: Python<'_>, change: impl FnOnce(&mut Waits) -> Option<bool>) {
        let Some(tell) = self.tell.get() else {
            return;
        };
        let change = {
            let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
            let change = change(&mut waits);
            self.lasts.store(waits.until.is_some(), Ordering::Relaxed);
            change
        };
        if let Some(contended) = change
            && let Err(error) = tell.call1(py, (contended,))
        {
            error.write_unraisable(py, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_waits_begins_with_a_long_one_and_ends_ten_seconds_after_the_last() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut waits = Waits::default();
        let micros = Duration::from_micros;
        assert_eq!(waits.waited(micros(1900), at(0)), None);
        assert_eq!(waits.waited(micros(5000), at(1)), Some(true));
        assert_eq!(waits.waited(micros(9000), at(2)), None);
        assert_eq!(waits.waited(micros(100), at(11)), None);
        assert_eq!(waits.waited(micros(500), at(11)), None, "somebody computes");
        assert_eq!(waits.waited(micros(100), at(20)), None);
        assert_eq!(waits.waited(micros(100), at(21)), Some(false));
        assert_eq!(waits.waited(micros(100), at(22)), None);
        assert_eq!(waits.waited(micros(3000), at(23)), Some(true));
        assert_eq!(waits.end(), Some(false));
        assert_eq!(waits.end(), None);
    }
}
