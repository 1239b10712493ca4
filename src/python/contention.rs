//! How long calls wait for the interpreter's lock, as it is seen: a loop was woken and came late, or
//! a thread had its next call and got the lock late.

use std::{
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pyo3::prelude::*;

/// Who waits this long stands behind a thread that computes: CPython lets it have 5 ms.
const LATE: Duration = Duration::from_millis(2);
/// And this long where such a thread is asked for the lock after 0.5 ms.
const STILL_LATE: Duration = Duration::from_micros(400);
/// How long nobody has been late when it is over.
const CALM: Duration = Duration::from_secs(10);

/// Tells the times in which calls wait for the lock from the others: pure.
#[derive(Debug, Default)]
struct Waits {
    /// When a time of waits is over, unless somebody waits again.
    until: Option<Instant>,
}

impl Waits {
    /// Somebody has waited so long. Whether a time of waits begins, or ends.
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

/// The waits of one executor, and who is told of them.
#[derive(Debug, Default)]
pub(super) struct Contention {
    waits: Mutex<Waits>,
    /// Whether calls are late at present.
    lasts: AtomicBool,
    tell: OnceLock<Py<PyAny>>,
}

impl Contention {
    /// Has `tell` called, once, with `True` when calls begin to wait for the lock, and with `False`
    /// when that is over.
    pub(super) fn watch(&self, tell: Py<PyAny>) {
        let _ = self.tell.set(tell);
    }

    /// A thread that has the lock now has waited so long for it.
    pub(super) fn waited(&self, py: Python<'_>, wait: Duration) {
        if wait >= LATE || self.lasts.load(Ordering::Relaxed) {
            self.change(py, |waits| waits.waited(wait, Instant::now()));
        }
    }

    /// Nobody waits any more.
    pub(super) fn end(&self, py: Python<'_>) {
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
