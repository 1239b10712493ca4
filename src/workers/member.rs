//! A worker as its pool's machine sees it.

use crate::actors::{CallKey, Name};

#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) call: CallKey,
    pub(super) command: Name,
    /// How often it may still start.
    pub(super) starts: u8,
}

#[derive(Debug)]
pub(super) enum State {
    Starting { until: u64 },
    Idle,
    Busy(Job),
    Cancelling { job: Job, kill_at: u64 },
    Ending { kill_at: u64 },
    Killed(Killed),
}

#[derive(Debug)]
pub(super) enum Killed {
    /// It took too long to start.
    Starting,
    /// It did not stop its call.
    During(Job),
    /// It did not end, or the app gave it up while it had no call.
    Ending,
    /// The app gave it up with its call.
    Asked(Job),
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
    pub(super) fn job(&self) -> Option<&Job> {
        match &self.state {
            State::Busy(job)
            | State::Cancelling { job, .. }
            | State::Killed(Killed::During(job) | Killed::Asked(job)) => Some(job),
            State::Starting { .. } | State::Idle | State::Ending { .. } | State::Killed(_) => None,
        }
    }

    /// Whether a kill that may take these calls along is meant for it. Not for one that is dying.
    pub(super) fn may_be_killed(&self, calls: &[CallKey]) -> bool {
        !matches!(self.state, State::Killed(_))
            && self.job().is_none_or(|job| calls.contains(&job.call))
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
