//! Tracks whether a window is open, closing or gone, and notifies those who wait for its end.
//!
//! A window is closed at one moment for all who ask. A little later, when Tauri has forgotten it,
//! another window may have its label.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use crossbeam_channel::bounded;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum WindowStage {
    Open,
    /// It is certain that it closes. Its label is still taken.
    Closing,
    /// Its label is free.
    Gone,
}

type EndCallback = Box<dyn FnOnce() + Send>;

struct LifecycleState {
    stage: WindowStage,
    /// The functions to call when it is gone, each with a number.
    waiting: Vec<(u64, EndCallback)>,
}

/// The lifecycle of one window.
pub(crate) struct Lifecycle(Mutex<LifecycleState>);

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lifecycle")
            .field(&self.state().stage)
            .finish()
    }
}

impl Lifecycle {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(LifecycleState {
            stage: WindowStage::Open,
            waiting: Vec::new(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, LifecycleState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state().stage == WindowStage::Open
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state().stage == WindowStage::Gone
    }

    /// Runs `act` if it is open, and keeps it so for that long: nobody else has its label meanwhile.
    /// Call it without the GIL; `act` takes none and asks this for nothing.
    pub(crate) fn while_open<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let state = self.state();
        (state.stage == WindowStage::Open).then(act)
    }

    /// Notes that it closes, and that nothing can keep it open any more.
    pub(crate) fn closes(&self) {
        let mut state = self.state();
        state.stage = state.stage.max(WindowStage::Closing);
    }

    /// Notes that its label is free.
    pub(crate) fn ends(&self) {
        let mut state = self.state();
        state.stage = WindowStage::Gone;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for (_, tell) in waiting {
            tell();
        }
    }

    /// Calls `tell` once the window is gone, on any thread, or at once if it is.
    pub(crate) fn on_end(&self, tell: impl FnOnce() + Send + 'static) -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state();
        if state.stage == WindowStage::Gone {
            drop(state);
            tell();
        } else {
            state.waiting.push((number, Box::new(tell)));
        }
        number
    }

    /// Removes the function with this number.
    pub(crate) fn off_end(&self, number: u64) {
        let mut state = self.state();
        let at = state.waiting.iter().position(|(it, _)| *it == number);
        let dropped = at.map(|at| state.waiting.swap_remove(at));
        drop(state);
        drop(dropped);
    }

    /// Waits without the GIL. False: it was not gone by `until`.
    pub(crate) fn wait(&self, until: Instant) -> bool {
        let (tell, told) = bounded(1);
        let number = self.on_end(move || tell.try_send(()).unwrap_or_default());
        let ended = told.recv_deadline(until).is_ok();
        self.off_end(number);
        ended
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::channel,
        time::{Duration, Instant},
    };

    use super::*;

    #[test]
    fn who_waits_is_told_once_when_the_label_is_free() {
        let (life, (tell, told)) = (Lifecycle::new(), channel());
        let again = tell.clone();
        life.on_end(move || tell.send("first").unwrap_or_default());
        let number = life.on_end(|| panic!("nobody waits for it any more"));
        life.off_end(number);
        life.closes();
        assert!(!life.is_open());
        assert!(!life.wait(Instant::now() + Duration::from_millis(1)));
        assert!(told.try_recv().is_err());
        life.ends();
        life.ends();
        life.on_end(move || again.send("late").unwrap_or_default());
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["first", "late"]);
        assert!(life.wait(Instant::now()));
    }

    #[test]
    fn what_is_done_while_it_is_open_is_not_done_once_it_closes() {
        let life = Lifecycle::new();
        assert_eq!(life.while_open(|| 1), Some(1));
        life.closes();
        assert_eq!(life.while_open(|| 1), None);
    }

    #[test]
    fn a_window_that_has_gone_does_not_close_again() {
        let life = Lifecycle::new();
        life.ends();
        life.closes();
        assert!(life.is_over());
    }
}
