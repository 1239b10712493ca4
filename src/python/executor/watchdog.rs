//! Detects that an event loop is stalled, without waking a loop that has nothing to do.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering, fence},
    },
    time::{Duration, Instant},
};

use crate::sync::clock;

/// A loop that has not turned for this long is stalled.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a loop with work is asked to turn.
const TICK: Duration = Duration::from_millis(250);

/// What the watchdog reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StallReport {
    /// The loop has been stalled for this long.
    Stalled(Duration),
    /// The loop runs again, after this long.
    Over(Duration),
}

/// Decides whether the loop is stalled. This is pure: it has no clock.
#[derive(Debug, Default)]
struct Pulse {
    turns: u64,
    /// Since when the loop has not turned although it was asked to.
    asked: Option<Instant>,
    stalled: bool,
}

impl Pulse {
    /// Looks at `turns`, which is how often the loop has turned so far. After this the loop is
    /// asked again, unless it still has not turned.
    fn look(&mut self, turns: u64, now: Instant) -> Option<StallReport> {
        let since = self.asked.unwrap_or(now);
        let owed = now.saturating_duration_since(since);
        if turns != self.turns || self.asked.is_none() {
            self.turns = turns;
            self.asked = Some(now);
            return std::mem::take(&mut self.stalled).then_some(StallReport::Over(owed));
        }
        if owed >= PATIENCE && !self.stalled {
            self.stalled = true;
            return Some(StallReport::Stalled(owed));
        }
        None
    }
}

#[derive(Debug, Default)]
struct WatchdogState {
    pulse: Pulse,
    ended: bool,
}

/// The watchdog of one loop. One thread waits in [`LoopWatch::next`].
#[derive(Debug, Default)]
pub(crate) struct LoopWatch {
    turns: AtomicU64,
    /// Whether the loop is not asked, because it has nothing to do.
    dozes: AtomicBool,
    state: Mutex<WatchdogState>,
    changed: Condvar,
}

impl LoopWatch {
    fn state(&self) -> MutexGuard<'_, WatchdogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the loop turns.
    pub(crate) fn turned(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the loop has something to do, which `is_busy` must show already.
    pub(crate) fn arm(&self) {
        fence(Ordering::SeqCst);
        if self.dozes.load(Ordering::Relaxed) {
            let _state = self.state();
            self.dozes.store(false, Ordering::Relaxed);
            self.changed.notify_all();
        }
    }

    /// Ends the watchdog.
    pub(crate) fn end(&self) {
        self.state().ended = true;
        self.changed.notify_all();
    }

    /// Waits until a stall begins or ends. `None`: the watchdog has ended. `is_busy` tells whether
    /// the loop has something to do, and `ask` makes it turn.
    pub(crate) fn next(&self, is_busy: impl Fn() -> bool, ask: impl Fn()) -> Option<StallReport> {
        let mut state = self.state();
        while !state.ended {
            if !state.pulse.stalled && !is_busy() {
                state.pulse.asked = None;
                state = self.doze(state, &is_busy);
                continue;
            }
            let news = state
                .pulse
                .look(self.turns.load(Ordering::Relaxed), clock::now());
            if news.is_some() {
                return news;
            }
            ask();
            let waited = self.changed.wait_timeout(state, TICK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        None
    }

    /// Waits, without a limit, until the loop has something to do.
    fn doze<'a>(
        &self,
        state: MutexGuard<'a, WatchdogState>,
        is_busy: impl Fn() -> bool,
    ) -> MutexGuard<'a, WatchdogState> {
        self.dozes.store(true, Ordering::Relaxed);
        // Either this sees the work, or who brought it sees that this dozes.
        fence(Ordering::SeqCst);
        if is_busy() {
            self.dozes.store(false, Ordering::Relaxed);
            return state;
        }
        let idle = |state: &mut WatchdogState| !state.ended && self.dozes.load(Ordering::Relaxed);
        let waited = self.changed.wait_while(state, idle);
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, atomic::AtomicUsize},
        thread,
    };

    use super::*;

    fn looks(steps: &[(u64, u64)]) -> Vec<Option<StallReport>> {
        let (mut pulse, start) = (Pulse::default(), Instant::now());
        steps
            .iter()
            .map(|&(turns, ms)| pulse.look(turns, start + Duration::from_millis(ms)))
            .collect()
    }

    #[test]
    fn a_stall_is_told_once_and_so_is_its_end() {
        let (second, third) = (Duration::from_millis(1000), Duration::from_millis(3000));
        assert_eq!(
            looks(&[(1, 0), (1, 500), (1, 1000), (1, 2000), (2, 3000), (2, 3500)]),
            [
                None,
                None,
                Some(StallReport::Stalled(second)),
                None,
                Some(StallReport::Over(third)),
                None
            ]
        );
    }

    #[test]
    fn a_loop_that_turns_is_not_stalled() {
        let steps: Vec<_> = (0..50).map(|n| (n, n * 900)).collect();
        assert!(looks(&steps).iter().all(Option::is_none));
    }

    #[test]
    fn an_idle_loop_is_never_asked() {
        let (watch, busy) = (
            Arc::new(LoopWatch::default()),
            Arc::new(AtomicBool::new(false)),
        );
        let asked = Arc::new(AtomicUsize::new(0));
        let (watching, seen, asks) = (Arc::clone(&watch), Arc::clone(&busy), Arc::clone(&asked));
        let thread = thread::spawn(move || {
            watching.next(
                || seen.load(Ordering::SeqCst),
                || {
                    asks.fetch_add(1, Ordering::SeqCst);
                },
            )
        });
        thread::sleep(2 * TICK);
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        // With work and without turns it is a stall.
        busy.store(true, Ordering::SeqCst);
        watch.arm();
        assert!(matches!(thread.join(), Ok(Some(StallReport::Stalled(_)))));
        assert!(asked.load(Ordering::SeqCst) > 0);
    }

    #[test]
    fn the_end_ends_the_wait() {
        let watch = Arc::new(LoopWatch::default());
        let watching = Arc::clone(&watch);
        let thread = thread::spawn(move || watching.next(|| false, || {}));
        watch.end();
        assert!(matches!(thread.join(), Ok(None)));
    }
}
