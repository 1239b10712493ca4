//! A worker as its pool's machine sees it.

use super::message::Task;
use crate::actors::CallKey;

/// How many calls share a worker at most.
pub(super) const SHARE: usize = 64;

#[derive(Debug)]
pub(super) enum State {
    Starting {
        until: u64,
    },
    /// With no call, with one, or with some that share it.
    Serving(Vec<Run>),
    Ending {
        kill_at: u64,
    },
    /// `early`: it took too long to start.
    Killed {
        early: bool,
        runs: Vec<Run>,
    },
}

impl State {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Starting { .. } => "starting",
            Self::Serving(runs) if runs.is_empty() => "idle",
            Self::Serving(runs) if runs.iter().all(Run::cancelled) => "cancelling",
            Self::Serving(_) => "busy",
            Self::Ending { .. } | Self::Killed { .. } => "ending",
        }
    }
}

/// A call on a worker.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) task: Task,
    /// It was cancelled; from then on its worker may be killed for it.
    pub(super) kill_at: Option<u64>,
}

impl Run {
    pub(super) fn cancelled(&self) -> bool {
        self.kill_at.is_some()
    }

    /// Whether it has not stopped within its grace.
    fn is_stuck(&self, now: u64) -> bool {
        self.kill_at.is_some_and(|at| at <= now)
    }
}

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) state: State,
    pub(super) finished: u64,
    /// A call on it does not stop. It takes no more, and ends with its last one.
    pub(super) leaving: bool,
    /// When it was started.
    pub(super) born: u64,
    /// When it came into its state.
    pub(super) since: u64,
}

impl Worker {
    pub(super) fn starting(now: u64, until: u64) -> Self {
        Self {
            state: State::Starting { until },
            finished: 0,
            leaving: false,
            born: now,
            since: now,
        }
    }

    pub(super) fn enter(&mut self, now: u64, state: State) {
        self.change(now, |it| *it = state);
    }

    fn change(&mut self, now: u64, how: impl FnOnce(&mut State)) {
        let before = self.state.name();
        how(&mut self.state);
        if self.state.name() != before {
            self.since = now;
        }
    }

    pub(super) fn take_on(&mut self, now: u64, task: Task) {
        let kill_at = None;
        self.change(now, |state| {
            if let State::Serving(runs) = state {
                runs.push(Run { task, kill_at });
            }
        });
    }

    /// A call of it was cancelled. False: it has no such call that was not.
    pub(super) fn cancel(&mut self, now: u64, call: CallKey, kill_at: u64) -> bool {
        let mut found = false;
        self.change(now, |state| {
            if let State::Serving(runs) = state
                && let Some(run) = runs.iter_mut().find(|it| it.task.call == call)
                && !run.cancelled()
            {
                run.kill_at = Some(kill_at);
                found = true;
            }
        });
        found
    }

    /// A call of it has ended. `None`: it serves no such call.
    pub(super) fn finish(&mut self, now: u64, call: CallKey) -> Option<Run> {
        let mut ended = None;
        self.change(now, |state| {
            if let State::Serving(runs) = state
                && let Some(at) = runs.iter().position(|it| it.task.call == call)
            {
                ended = Some(runs.remove(at));
            }
        });
        ended
    }

    /// It is being killed, with its calls. `early`: for it did not start in time.
    pub(super) fn kill(&mut self, now: u64, early: bool) {
        self.change(now, |state| {
            let runs = match state {
                State::Serving(runs) => std::mem::take(runs),
                _ => Vec::new(),
            };
            *state = State::Killed { early, runs };
        });
    }

    /// The calls that would die with it.
    pub(super) fn runs(&self) -> &[Run] {
        match &self.state {
            State::Serving(runs) | State::Killed { runs, .. } => runs,
            State::Starting { .. } | State::Ending { .. } => &[],
        }
    }

    pub(super) fn is_starting(&self) -> bool {
        matches!(self.state, State::Starting { .. })
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(&self.state, State::Serving(runs) if runs.is_empty())
    }

    /// Whether it has calls, all of them such as share a worker, and room for another.
    pub(super) fn shares(&self) -> bool {
        let runs = self.runs();
        self.serves() && (1..SHARE).contains(&runs.len()) && runs.iter().all(|it| it.task.shared)
    }

    /// Whether it still has a call, and takes no more.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving && !self.runs().is_empty()
    }

    /// Whether it takes, or will again take, calls.
    pub(super) fn serves(&self) -> bool {
        matches!(self.state, State::Serving(_)) && !self.leaving
    }

    /// Whether a call on it does not stop.
    pub(super) fn is_stuck(&self, now: u64) -> bool {
        matches!(&self.state, State::Serving(runs) if runs.iter().any(|it| it.is_stuck(now)))
    }

    /// Whether a kill that may take these calls along is meant for it. Not for one that is dying.
    pub(super) fn may_be_killed(&self, calls: &[CallKey]) -> bool {
        !matches!(self.state, State::Killed { .. })
            && self.runs().iter().all(|it| calls.contains(&it.task.call))
    }

    /// Whether it has to be killed: its time is up, or that of each of its calls is.
    pub(super) fn is_overdue(&self, now: u64) -> bool {
        match &self.state {
            State::Starting { until: at } | State::Ending { kill_at: at } => *at <= now,
            State::Serving(runs) => !runs.is_empty() && runs.iter().all(|it| it.is_stuck(now)),
            State::Killed { .. } => false,
        }
    }

    /// When to look at it again.
    pub(super) fn due(&self, now: u64) -> Option<u64> {
        match &self.state {
            State::Starting { until: at } | State::Ending { kill_at: at } => Some(*at),
            State::Serving(runs) => {
                let times = runs.iter().filter_map(|it| it.kill_at);
                times.filter(|at| *at > now).min()
            }
            State::Killed { .. } => None,
        }
    }
}
