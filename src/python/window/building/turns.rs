//! Lets threads have windows built one after another, until the app ends.
//!
//! Tauri queues a window for the UI thread and does not wait for it. Without turns, a request to
//! exit, and all else that the UI thread is to do, would stand behind all windows that were asked
//! for. With them it stands behind one.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long a turn is waited for while no window is built. The UI thread may be waiting for the
/// thread that waits here.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct BuildState {
    /// The UI thread has a window to build.
    building: bool,
    /// How many turns have ended.
    ended: u64,
    /// No more windows are built.
    over: bool,
}

#[derive(Debug)]
struct BuildQueue {
    state: Mutex<BuildState>,
    changed: Condvar,
}

/// A process has one app, and this is its.
static TURNS: BuildQueue = BuildQueue::new();

impl BuildQueue {
    const fn new() -> Self {
        let state = BuildState {
            building: false,
            ended: 0,
            over: false,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, BuildState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&'static self, patience: Duration) -> Option<BuildPermit> {
        let mut state = self.state();
        loop {
            if state.over {
                return None;
            }
            if !state.building {
                break;
            }
            let before = state.ended;
            let (next, waited) = self
                .changed
                .wait_timeout_while(state, patience, |it| {
                    it.building && !it.over && it.ended == before
                })
                .unwrap_or_else(PoisonError::into_inner);
            state = next;
            if waited.timed_out() {
                break;
            }
        }
        state.building = true;
        Some(BuildPermit(self))
    }

    #[cfg(any(feature = "python-main", test))]
    fn end(&self) {
        self.state().over = true;
        self.changed.notify_all();
    }
}

/// The right to have a window built now. It ends when the value is dropped.
#[derive(Debug)]
pub(crate) struct BuildPermit(&'static BuildQueue);

impl BuildPermit {
    /// Waits, without the GIL, while the UI thread has a window to build. Not for the UI thread.
    /// `None`: the app ends.
    pub(crate) fn take() -> Option<Self> {
        TURNS.take(PATIENCE)
    }
}

impl Drop for BuildPermit {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.building = false;
        state.ended += 1;
        drop(state);
        self.0.changed.notify_all();
    }
}

/// Whether the app ends, so that no window is built any more.
pub(crate) fn are_over() -> bool {
    TURNS.state().over
}

/// Sends away all who wait for their turn, and all who come later.
#[cfg(feature = "python-main")]
pub(crate) fn end() {
    TURNS.end();
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc::channel, thread};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn one_has_a_turn_at_a_time_and_nobody_after_the_end() {
        static TURNS: BuildQueue = BuildQueue::new();
        let first = TURNS.take(LONG);
        assert!(first.is_some());
        let (tell, told) = channel();
        for _ in 0..3 {
            let tell = tell.clone();
            thread::spawn(move || {
                let turn = TURNS.take(LONG);
                tell.send(turn.is_some()).unwrap_or_default();
            });
        }
        assert!(told.try_recv().is_err());
        drop(first);
        assert_eq!(told.iter().take(3).collect::<Vec<_>>(), [true; 3]);

        let last = TURNS.take(LONG);
        thread::spawn(move || tell.send(TURNS.take(LONG).is_some()).unwrap_or_default());
        TURNS.end();
        assert_eq!(told.recv(), Ok(false));
        drop(last);
        assert!(TURNS.take(LONG).is_none());
    }

    #[test]
    fn a_turn_that_does_not_end_keeps_nobody() {
        static TURNS: BuildQueue = BuildQueue::new();
        let first = TURNS.take(LONG);
        assert!(TURNS.take(Duration::from_millis(1)).is_some());
        drop(first);
    }
}
