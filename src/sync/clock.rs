//! Tells the time by which limits are kept: the system's, less what a debugger has stopped it for.
//!
//! Deadlines, grace, the watchdog and the start of workers go by this clock. `transom dev --debug`
//! stops it while a thread of Python stands at a breakpoint. Nothing else does, so elsewhere it
//! costs one load.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// The shortest time between two looks at a clock that stands still.
const LOOK: Duration = Duration::from_millis(50);

static CLOCK: Clock = Clock::new();

/// The time now. It is for comparison with other times of this clock only.
pub(crate) fn now() -> Instant {
    CLOCK.now()
}

/// How long to sleep before another look whether it is `at`. `None`: it is.
pub(crate) fn until(at: Instant) -> Option<Duration> {
    CLOCK.until(at)
}

/// The time that has passed since `at`.
pub(crate) fn since(at: Instant) -> Duration {
    now().saturating_duration_since(at)
}

/// Stops the clock, until [`go_on`] was called as often.
pub(crate) fn stop() {
    CLOCK.stop();
}

/// Takes one [`stop`] back.
pub(crate) fn go_on() {
    CLOCK.go_on();
}

struct Clock {
    /// Whether it was ever stopped. Before, it is the system's.
    is_own: AtomicBool,
    stops: Mutex<Stops>,
}

struct Stops {
    /// How many threads have stopped it.
    count: usize,
    /// When the first of them did.
    since: Option<Instant>,
    /// How long it has stood still in all, without now.
    behind: Duration,
}

impl Clock {
    const fn new() -> Self {
        Self {
            is_own: AtomicBool::new(false),
            stops: Mutex::new(Stops {
                count: 0,
                since: None,
                behind: Duration::ZERO,
            }),
        }
    }

    fn stops(&self) -> MutexGuard<'_, Stops> {
        self.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Instant {
        if !self.is_own.load(Ordering::Relaxed) {
            return Instant::now();
        }
        let stops = self.stops();
        let now = stops.since.unwrap_or_else(Instant::now);
        now.checked_sub(stops.behind).unwrap_or(now)
    }

    fn until(&self, at: Instant) -> Option<Duration> {
        let rest = at.checked_duration_since(self.now())?;
        if rest.is_zero() {
            return None;
        }
        let stands = self.is_own.load(Ordering::Relaxed) && self.stops().count > 0;
        Some(if stands { rest.max(LOOK) } else { rest })
    }

    fn stop(&self) {
        let mut stops = self.stops();
        stops.count += 1;
        stops.since.get_or_insert_with(Instant::now);
        self.is_own.store(true, Ordering::Relaxed);
    }

    fn go_on(&self) {
        let mut stops = self.stops();
        stops.count = stops.count.saturating_sub(1);
        if stops.count == 0
            && let Some(since) = stops.since.take()
        {
            stops.behind += since.elapsed();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const STEP: Duration = Duration::from_millis(20);

    #[test]
    fn is_that_of_the_system_until_it_is_stopped() {
        let (clock, before) = (Clock::new(), Instant::now());
        let now = clock.now();
        assert!(before <= now && now <= Instant::now());
    }

    #[test]
    fn stands_still_until_all_have_let_it_go_on() {
        let clock = Clock::new();
        let limit = clock.now() + STEP;
        clock.stop();
        let stopped = clock.now();
        clock.stop();
        thread::sleep(2 * STEP);
        clock.go_on();
        assert_eq!(clock.now(), stopped, "one still holds it");
        assert!(clock.until(limit).is_some_and(|rest| rest >= LOOK));
        clock.go_on();
        assert!(
            clock.until(limit).is_some(),
            "the limit has moved by the stop"
        );
        while let Some(rest) = clock.until(limit) {
            thread::sleep(rest);
        }
        assert!(clock.now() >= limit);
    }

    #[test]
    fn a_time_that_had_come_before_the_stop_has_come() {
        let clock = Clock::new();
        let limit = clock.now();
        clock.stop();
        assert_eq!(clock.until(limit), None);
    }

    #[test]
    fn letting_a_clock_go_on_that_goes_changes_nothing() {
        let clock = Clock::new();
        clock.go_on();
        let before = Instant::now();
        assert!(clock.now() >= before);
    }
}
