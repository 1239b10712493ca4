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
    /// It did not end.
    Ending,
}

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) state: State,
    pub(super) finished: u64,
}

impl Worker {
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
