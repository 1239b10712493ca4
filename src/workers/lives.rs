//! How the workers of a pool start, end and die, and what a death does to the calls.

use super::{
    exit::Exit,
    member::{Job, Killed, State, Worker},
    message::{Ending, PoolEffect, WorkerId},
    pool::PoolMachine,
};
use crate::{actors::CallKey, error::CallError};

/// How long a worker that was told to end may take.
const END_GRACE: u64 = 1_000;

impl PoolMachine {
    pub(super) fn spawn(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        self.last += 1;
        let worker = self.last;
        let until = now + self.spec.start_timeout;
        self.workers.insert(
            worker,
            Worker {
                state: State::Starting { until },
                finished: 0,
                born: now,
                since: now,
            },
        );
        effects.push(PoolEffect::Spawn { worker });
        effects.push(PoolEffect::Look { at: until });
    }

    /// The refusal while nobody serves and nobody may be started.
    pub(super) fn unavailable(&self, now: u64) -> Option<CallError> {
        let (until, exit) = self.starts.resting(now)?;
        (!self.serves()).then(|| exit.unavailable(&self.name, until - now))
    }

    pub(super) fn quit(&mut self, now: u64, worker: WorkerId, effects: &mut Vec<PoolEffect>) {
        if let Some(entry) = self.workers.get_mut(&worker) {
            let kill_at = now + END_GRACE;
            entry.enter(now, State::Ending { kill_at });
            effects.push(PoolEffect::Quit { worker });
            effects.push(PoolEffect::Look { at: kill_at });
        }
    }

    pub(super) fn died(
        &mut self,
        now: u64,
        worker: WorkerId,
        exit: &Exit,
        effects: &mut Vec<PoolEffect>,
    ) {
        let Some(entry) = self.workers.remove(&worker) else {
            return;
        };
        match entry.state {
            State::Starting { .. } | State::Killed(Killed::Starting) => {
                self.died_early(now, worker, exit, effects);
            }
            State::Idle if entry.finished == 0 => self.died_early(now, worker, exit, effects),
            State::Idle | State::Ending { .. } | State::Killed(Killed::Ending) => {}
            State::Busy(job) => self.died_during(now, worker, job, exit, effects),
            State::Cancelling { job, .. } => release_killed(&job, effects),
            State::Killed(Killed::During(job)) => {
                self.quarantine.not_run(&job.command);
                release_killed(&job, effects);
            }
            State::Killed(Killed::Asked(job)) => {
                self.quarantine.not_run(&job.command);
                let exit = exit.clone().because("the app killed it");
                self.lose(worker, &job, &exit, effects);
            }
        }
        effects.push(PoolEffect::Forget { worker });
        self.fill(now, effects);
    }

    fn died_early(
        &mut self,
        now: u64,
        worker: WorkerId,
        exit: &Exit,
        effects: &mut Vec<PoolEffect>,
    ) {
        self.starts.died(now, exit);
        if self.serves() {
            return;
        }
        // It was started for the call that waits longest.
        if let Some(job) = self.waiting.pop_front() {
            self.quarantine.not_run(&job.command);
            let error = exit.worker_lost(&worker_name(&self.name, worker), false);
            effects.push(PoolEffect::Refuse {
                call: job.call,
                error,
            });
        }
        if let Some(error) = self.unavailable(now) {
            for job in std::mem::take(&mut self.waiting) {
                self.quarantine.not_run(&job.command);
                effects.push(PoolEffect::Refuse {
                    call: job.call,
                    error: error.clone(),
                });
            }
        }
    }

    fn died_during(
        &mut self,
        now: u64,
        worker: WorkerId,
        job: Job,
        exit: &Exit,
        effects: &mut Vec<PoolEffect>,
    ) {
        self.quarantine.died(&job.command, now);
        if job.starts > 0 && !self.stopped {
            return self.waiting.push_front(job);
        }
        self.lose(worker, &job, exit, effects);
    }

    fn lose(&self, worker: WorkerId, job: &Job, exit: &Exit, effects: &mut Vec<PoolEffect>) {
        let error = exit.worker_lost(&worker_name(&self.name, worker), true);
        effects.push(PoolEffect::Refuse {
            call: job.call,
            error,
        });
    }

    /// Whether a kill of the app would reach a worker: it is there, and has no call but these.
    pub(super) fn may_kill(&self, worker: WorkerId, calls: &[CallKey]) -> bool {
        let entry = self.workers.get(&worker);
        entry.is_some_and(|it| it.may_be_killed(calls))
    }

    /// The app gives a worker up. Whoever does that wants its call ended, so it does not run again.
    pub(super) fn kill(
        &mut self,
        now: u64,
        worker: WorkerId,
        calls: &[CallKey],
        effects: &mut Vec<PoolEffect>,
    ) {
        let Some(entry) = self.workers.get_mut(&worker) else {
            return;
        };
        if !entry.may_be_killed(calls) {
            return;
        }
        let killed = match &entry.state {
            State::Busy(job) => Killed::Asked(job.clone()),
            State::Cancelling { job, .. } => Killed::During(job.clone()),
            _ => Killed::Ending,
        };
        entry.enter(now, State::Killed(killed));
        effects.push(PoolEffect::Kill { worker });
        self.fill(now, effects);
    }

    pub(super) fn tick(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        for (&worker, entry) in &mut self.workers {
            let killed = match &entry.state {
                State::Starting { until } if *until <= now => Killed::Starting,
                State::Cancelling { job, kill_at } if *kill_at <= now => {
                    Killed::During(job.clone())
                }
                State::Ending { kill_at } if *kill_at <= now => Killed::Ending,
                _ => continue,
            };
            entry.enter(now, State::Killed(killed));
            effects.push(PoolEffect::Kill { worker });
        }
        let due = self.workers.values().filter_map(|it| it.due()).min();
        effects.extend(due.map(|at| PoolEffect::Look { at }));
        self.fill(now, effects);
    }

    pub(super) fn stop(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        self.stopped = true;
        for job in std::mem::take(&mut self.waiting) {
            effects.push(PoolEffect::Refuse {
                call: job.call,
                error: CallError::shutting_down(),
            });
        }
        let idle = |it: &Worker| matches!(it.state, State::Starting { .. } | State::Idle);
        let ids: Vec<_> = self.workers.iter().filter(|(_, it)| idle(it)).collect();
        let ids: Vec<_> = ids.into_iter().map(|(&worker, _)| worker).collect();
        for worker in ids {
            self.quit(now, worker, effects);
        }
    }
}

fn release_killed(job: &Job, effects: &mut Vec<PoolEffect>) {
    effects.push(PoolEffect::Release {
        call: job.call,
        ending: Ending::Killed,
    });
}

/// The name of a worker, in logs and errors.
pub(super) fn worker_name(pool: &str, worker: WorkerId) -> String {
    format!("{pool}-{worker}")
}
