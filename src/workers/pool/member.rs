//! Tracks the state of one worker of a pool: starting, serving, ending or killed.

use super::messages::Task;
use crate::actors::CallKey;

/// How many calls share a worker at most.
pub(crate) const SHARE: usize = 64;

#[derive(Debug)]
pub(crate) enum MemberState {
    Starting {
        until: u64,
    },
    /// It has no call, one, or several that share it.
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

impl MemberState {
    pub(crate) fn name(&self) -> &'static str {
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
pub(crate) struct Run {
    pub(crate) task: Task,
    /// When its worker may be killed for it. It is set when the call is cancelled.
    pub(crate) kill_at: Option<u64>,
}

impl Run {
    pub(crate) fn cancelled(&self) -> bool {
        self.kill_at.is_some()
    }

    /// Whether the call was cancelled and has not stopped within its grace period.
    fn is_stuck(&self, now: u64) -> bool {
        self.kill_at.is_some_and(|at| at <= now)
    }
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) state: MemberState,
    pub(crate) finished: u64,
    /// It takes no more calls, and ends with its last one: a call on it does not stop, or it is
    /// outdated.
    pub(crate) leaving: bool,
    /// Its code is old.
    pub(crate) outdated: bool,
    /// When it was started.
    pub(crate) born: u64,
    /// When it entered its state.
    pub(crate) since: u64,
}

impl Member {
    pub(crate) fn starting(now: u64, until: u64) -> Self {
        Self {
            state: MemberState::Starting { until },
            finished: 0,
            leaving: false,
            outdated: false,
            born: now,
            since: now,
        }
    }

    /// A worker of whose work nothing is known, and which is being killed.
    pub(crate) fn killed(now: u64) -> Self {
        let mut member = Self::starting(now, now);
        member.kill(now, false);
        member
    }

    pub(crate) fn enter(&mut self, now: u64, state: MemberState) {
        self.change(now, |it| *it = state);
    }

    fn change(&mut self, now: u64, how: impl FnOnce(&mut MemberState)) {
        let before = self.state.name();
        how(&mut self.state);
        if self.state.name() != before {
            self.since = now;
        }
    }

    pub(crate) fn take_on(&mut self, now: u64, task: Task) {
        let kill_at = None;
        self.change(now, |state| {
            if let MemberState::Serving(runs) = state {
                runs.push(Run { task, kill_at });
            }
        });
    }

    /// Notes that a call on it was cancelled. False: it has no such call, or it was cancelled
    /// before.
    pub(crate) fn cancel(&mut self, now: u64, call: CallKey, kill_at: u64) -> bool {
        let mut found = false;
        self.change(now, |state| {
            if let MemberState::Serving(runs) = state
                && let Some(run) = runs.iter_mut().find(|it| it.task.call == call)
                && !run.cancelled()
            {
                run.kill_at = Some(kill_at);
                found = true;
            }
        });
        found
    }

    /// Notes that a call on it has ended. `None`: it does not run that call.
    pub(crate) fn finish(&mut self, now: u64, call: CallKey) -> Option<Run> {
        let mut ended = None;
        self.change(now, |state| {
            if let MemberState::Serving(runs) = state
                && let Some(at) = runs.iter().position(|it| it.task.call == call)
            {
                ended = Some(runs.remove(at));
            }
        });
        ended
    }

    /// Notes that it is being killed, with its calls. `early`: because it did not start in time.
    pub(crate) fn kill(&mut self, now: u64, early: bool) {
        self.change(now, |state| {
            let runs = match state {
                MemberState::Serving(runs) => std::mem::take(runs),
                _ => Vec::new(),
            };
            *state = MemberState::Killed { early, runs };
        });
    }

    /// The calls that would die with it.
    pub(crate) fn runs(&self) -> &[Run] {
        match &self.state {
            MemberState::Serving(runs) | MemberState::Killed { runs, .. } => runs,
            MemberState::Starting { .. } | MemberState::Ending { .. } => &[],
        }
    }

    pub(crate) fn is_starting(&self) -> bool {
        matches!(self.state, MemberState::Starting { .. })
    }

    pub(crate) fn is_idle(&self) -> bool {
        matches!(&self.state, MemberState::Serving(runs) if runs.is_empty())
    }

    /// Whether it has room for another call that shares: it has calls, and all of them share.
    pub(crate) fn shares(&self) -> bool {
        let runs = self.runs();
        self.serves() && (1..SHARE).contains(&runs.len()) && runs.iter().all(|it| it.task.shared)
    }

    /// Whether it still has a call and takes no more.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving && !self.runs().is_empty()
    }

    /// Whether it takes calls, or will take calls again.
    pub(crate) fn serves(&self) -> bool {
        matches!(self.state, MemberState::Serving(_)) && !self.leaving
    }

    /// Whether a call on it does not stop.
    pub(crate) fn is_stuck(&self, now: u64) -> bool {
        matches!(&self.state, MemberState::Serving(runs) if runs.iter().any(|it| it.is_stuck(now)))
    }

    /// Whether a kill that may end these calls may reach it. Not if it is dying already.
    pub(crate) fn may_be_killed(&self, calls: &[CallKey]) -> bool {
        !matches!(self.state, MemberState::Killed { .. })
            && self.runs().iter().all(|it| calls.contains(&it.task.call))
    }

    /// Whether it has to be killed: its time is up, or the time of each of its calls is.
    pub(crate) fn is_overdue(&self, now: u64) -> bool {
        match &self.state {
            MemberState::Starting { until: at } | MemberState::Ending { kill_at: at } => *at <= now,
            MemberState::Serving(runs) => {
                !runs.is_empty() && runs.iter().all(|it| it.is_stuck(now))
            }
            MemberState::Killed { .. } => false,
        }
    }

    /// When to look at it again.
    pub(crate) fn due(&self, now: u64) -> Option<u64> {
        match &self.state {
            MemberState::Starting { until: at } | MemberState::Ending { kill_at: at } => Some(*at),
            MemberState::Serving(runs) => {
                let times = runs.iter().filter_map(|it| it.kill_at);
                times.filter(|at| *at > now).min()
            }
            MemberState::Killed { .. } => None,
        }
    }
}
