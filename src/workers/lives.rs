//! How the workers of a pool start, end and die, and what a death does to the calls.

use super::{
    exit::Exit,
    member::{Killed, State, Worker},
    message::{Ending, PoolEffect, Task, WorkerId},
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
            self.bindings.unbind(worker);
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
        self.bindings.unbind(worker);
        match entry.state {
            State::Starting { .. } | State::Killed(Killed::Starting) => {
                self.died_early(now, worker, exit, effects);
            }
            State::Idle if entry.finished == 0 => self.died_early(now, worker, exit, effects),
            State::Idle | State::Ending { .. } | State::Killed(Killed::Ending) => {}
            State::Busy(task) => self.died_during(now, worker, task, exit, effects),
            State::Cancelling { task, .. } | State::Killed(Killed::During(task)) => {
                self.quarantine.not_run(&task.command);
                release_killed(&task, effects);
            }
            State::Killed(Killed::Asked(task)) => {
                self.quarantine.not_run(&task.command);
                let exit = exit.clone().because("the app killed it");
                self.lose(worker, &task, &exit, effects);
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
        // It was started for the call whose turn it is.
        if let Some(task) = self.waiting.pop(|_| true) {
            self.quarantine.not_run(&task.command);
            let error = exit.worker_lost(&worker_name(&self.name, worker), false);
            effects.push(PoolEffect::Refuse {
                call: task.call,
                error,
            });
        }
        if let Some(error) = self.unavailable(now) {
            for task in self.waiting.drain() {
                self.quarantine.not_run(&task.command);
                effects.push(PoolEffect::Refuse {
                    call: task.call,
                    error: error.clone(),
                });
            }
        }
    }

    fn died_during(
        &mut self,
        now: u64,
        worker: WorkerId,
        task: Task,
        exit: &Exit,
        effects: &mut Vec<PoolEffect>,
    ) {
        self.quarantine.died(&task.command, now);
        if task.starts > 0 && !self.stopped {
            return self.waiting.put_back(task);
        }
        self.lose(worker, &task, exit, effects);
    }

    fn lose(&self, worker: WorkerId, task: &Task, exit: &Exit, effects: &mut Vec<PoolEffect>) {
        let error = exit.worker_lost(&worker_name(&self.name, worker), true);
        effects.push(PoolEffect::Refuse {
            call: task.call,
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
            State::Busy(task) => Killed::Asked(task.clone()),
            State::Cancelling { task, .. } => Killed::During(task.clone()),
            _ => Killed::Ending,
        };
        entry.enter(now, State::Killed(killed));
        self.bindings.unbind(worker);
        effects.push(PoolEffect::Kill { worker });
        self.fill(now, effects);
    }

    pub(super) fn tick(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        for (&worker, entry) in &mut self.workers {
            let killed = match &entry.state {
                State::Starting { until } if *until <= now => Killed::Starting,
                State::Cancelling { task, kill_at } if *kill_at <= now => {
                    Killed::During(task.clone())
                }
                State::Ending { kill_at } if *kill_at <= now => Killed::Ending,
                _ => continue,
            };
            entry.enter(now, State::Killed(killed));
            self.bindings.unbind(worker);
            effects.push(PoolEffect::Kill { worker });
        }
        let due = self.workers.values().filter_map(|it| it.due()).min();
        effects.extend(due.map(|at| PoolEffect::Look { at }));
        self.fill(now, effects);
    }

    pub(super) fn stop(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        self.stopped = true;
        for task in self.waiting.drain() {
            effects.push(PoolEffect::Refuse {
                call: task.call,
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

fn release_killed(task: &Task, effects: &mut Vec<PoolEffect>) {
    effects.push(PoolEffect::Release {
        call: task.call,
        ending: Ending::Killed,
    });
}

/// The name of a worker, in logs and errors.
pub(super) fn worker_name(pool: &str, worker: WorkerId) -> String {
    format!("{pool}-{worker}")
}
