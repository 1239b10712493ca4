//! A worker as its pool's machine sees it.

use super::message::Task;
use crate::actors::CallKey;

#[derive(Debug)]
pub(super) enum State {
    Starting { until: u64 },
    Idle,
    Busy(Task),
    Cancelling { task: Task, kill_at: u64 },
    Ending { kill_at: u64 },
    Killed(Killed),
}

#[derive(Debug)]
pub(super) enum Killed {
    /// It took too long to start.
    Starting,
    /// It did not stop its call.
    During(Task),
    /// It did not end, or the app gave it up while it had no call.
    Ending,
    /// The app gave it up with its call.
    Asked(Task),
}

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) state: State,
    pub(super) finished: u64,
    /// When it was started.
    pub(super) born: u64,
    /// When it came into its state.
    pub(super) since: u64,
}

impl Worker {
    pub(super) fn enter(&mut self, now: u64, state: State) {
        self.state = state;
        self.since = now;
    }

    /// The call that would die with it.
    pub(super) fn task(&self) -> Option<&Task> {
        match &self.state {
            State::Busy(task)
            | State::Cancelling { task, .. }
            | State::Killed(Killed::During(task) | Killed::Asked(task)) => Some(task),
            State::Starting { .. } | State::Idle | State::Ending { .. } | State::Killed(_) => None,
        }
    }

    /// Whether a kill that may take these calls along is meant for it. Not for one that is dying.
    pub(super) fn may_be_killed(&self, calls: &[CallKey]) -> bool {
        !matches!(self.state, State::Killed(_))
            && self.task().is_none_or(|task| calls.contains(&task.call))
    }

    /// When it is to be killed.
    pub(super) fn due(&self) -> Option<u64> {
        match &self.state {
            State::Starting { until: at }
            | State::Cancelling { kill_at: at, .. }
            | State::Ending { kill_at: at } => Some(*at),
            State::Idle | State::Busy(_) | State::Killed(_) => None,
        }
    }
}
