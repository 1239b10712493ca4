//! Decides how the workers of a pool start, end and die, and what a death does to their calls.

use std::{collections::HashSet, time::Duration};

use super::{
    machine::PoolMachine,
    member::{Member, MemberState, Run},
    messages::{CallEnd, PoolEffect, Task, WorkerId},
};
use crate::workers::process::exit_status::Exit;
use crate::{actors::CallKey, error::CallError};

/// How long a worker may take to end after it was told to.
const END_GRACE: u64 = 1_000;

impl PoolMachine {
    pub(crate) fn spawn(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        self.last += 1;
        let worker = self.last;
        let until = now + self.spec.start_timeout;
        self.workers.insert(worker, Member::starting(now, until));
        effects.push(PoolEffect::Spawn { worker });
        effects.push(PoolEffect::Look { at: until });
    }

    /// The error while no worker serves and none may be started.
    pub(crate) fn unavailable(&self, now: u64) -> Option<CallError> {
        let (until, exit) = self.starts.resting(now)?;
        (!self.serves()).then(|| exit.unavailable(&self.name, until - now))
    }

    pub(crate) fn quit(&mut self, now: u64, worker: WorkerId, effects: &mut Vec<PoolEffect>) {
        if let Some(entry) = self.workers.get_mut(&worker) {
            let kill_at = now + END_GRACE;
            entry.enter(now, MemberState::Ending { kill_at });
            self.bindings.unbind(worker);
            effects.push(PoolEffect::Quit { worker });
            effects.push(PoolEffect::Look { at: kill_at });
        }
    }

    pub(crate) fn died(
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
            MemberState::Starting { .. } => self.died_early(now, worker, exit, effects),
            MemberState::Killed { early: true, .. } => {
                let exit = self.too_slow(exit.clone());
                self.died_early(now, worker, &exit, effects);
            }
            MemberState::Serving(runs) if runs.is_empty() && entry.finished == 0 => {
                self.died_early(now, worker, exit, effects);
            }
            MemberState::Serving(runs) => self.died_during(now, worker, runs, exit, effects),
            MemberState::Ending { .. } => {}
            MemberState::Killed { runs, .. } => {
                let exit = exit.clone().because("the app killed it");
                for run in runs {
                    self.quarantine.not_run(&run.task.command);
                    if run.cancelled() {
                        release_killed(&run.task, effects);
                    } else {
                        self.lose(worker, &run.task, &exit, effects);
                    }
                }
            }
        }
        effects.push(PoolEffect::Forget { worker });
        self.fill(now, effects);
    }

    /// The exit of a worker that was killed while it started. Its memory may have been the reason.
    fn too_slow(&self, exit: Exit) -> Exit {
        if exit.reason.is_some() {
            return exit;
        }
        exit.because(&format!(
            "it was not ready within its `start_timeout` of {} s, and was killed",
            Duration::from_millis(self.spec.start_timeout).as_secs_f64()
        ))
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

    /// Counts a death once against each command that had a call on the worker which was not
    /// cancelled.
    fn died_during(
        &mut self,
        now: u64,
        worker: WorkerId,
        runs: Vec<Run>,
        exit: &Exit,
        effects: &mut Vec<PoolEffect>,
    ) {
        let mut counted = HashSet::new();
        // What runs again goes first, in its order: so the last is put back first.
        for run in runs.into_iter().rev() {
            let (cancelled, task) = (run.cancelled(), run.task);
            if cancelled {
                self.quarantine.not_run(&task.command);
                release_killed(&task, effects);
                continue;
            }
            if counted.insert(task.command.clone()) {
                self.quarantine.died(&task.command, now);
            }
            if task.starts > 0 && !self.stopped {
                self.waiting.put_back(task);
            } else {
                self.lose(worker, &task, exit, effects);
            }
        }
    }

    fn lose(&self, worker: WorkerId, task: &Task, exit: &Exit, effects: &mut Vec<PoolEffect>) {
        let error = exit.worker_lost(&worker_name(&self.name, worker), true);
        effects.push(PoolEffect::Refuse {
            call: task.call,
            error,
        });
    }

    /// Retires a worker that uses too much memory: it gets no more calls, and is killed with those
    /// that it has.
    pub(crate) fn overweight(&mut self, now: u64, worker: WorkerId, effects: &mut Vec<PoolEffect>) {
        let Some(entry) = self.workers.get_mut(&worker) else {
            return;
        };
        let proven = entry.finished > 0 || !entry.runs().is_empty();
        if proven && entry.is_idle() {
            let kill_at = now + END_GRACE;
            entry.enter(now, MemberState::Ending { kill_at });
        }
        if proven {
            entry.leaving = true;
            self.bindings.unbind(worker);
            effects.push(PoolEffect::Kill { worker });
        } else {
            self.kill_now(now, worker, true, effects);
        }
        self.fill(now, effects);
    }

    /// Whether the app may kill a worker: it is there, and has no calls but these.
    pub(crate) fn may_kill(&self, worker: WorkerId, calls: &[CallKey]) -> bool {
        let entry = self.workers.get(&worker);
        entry.is_some_and(|it| it.may_be_killed(calls))
    }

    /// Kills a worker for the app. Whoever asks for that wants its calls ended, so they do not run
    /// again.
    pub(crate) fn kill(
        &mut self,
        now: u64,
        worker: WorkerId,
        calls: &[CallKey],
        effects: &mut Vec<PoolEffect>,
    ) {
        if self.may_kill(worker, calls) {
            self.kill_now(now, worker, false, effects);
            self.fill(now, effects);
        }
    }

    pub(crate) fn kill_now(
        &mut self,
        now: u64,
        worker: WorkerId,
        early: bool,
        effects: &mut Vec<PoolEffect>,
    ) {
        if let Some(entry) = self.workers.get_mut(&worker) {
            entry.kill(now, early);
            self.bindings.unbind(worker);
            effects.push(PoolEffect::Kill { worker });
        }
    }

    pub(crate) fn tick(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        for (early, worker) in self.those(|it| it.is_overdue(now)) {
            self.kill_now(now, worker, early, effects);
        }
        for entry in self.workers.values_mut() {
            entry.leaving |= entry.is_stuck(now);
        }
        let due = self.workers.values().filter_map(|it| it.due(now)).min();
        effects.extend(due.map(|at| PoolEffect::Look { at }));
        self.fill(now, effects);
    }

    /// The workers for which `which` is true, each with whether it is starting.
    fn those(&self, which: impl Fn(&Member) -> bool) -> Vec<(bool, WorkerId)> {
        let those = self.workers.iter().filter(|(_, it)| which(it));
        those.map(|(id, it)| (it.is_starting(), *id)).collect()
    }

    /// Replaces the workers: those that start or are idle end at once, the others when their calls
    /// have ended. What waits, and what comes, goes to workers that start from now on.
    pub(crate) fn renew(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        for (starting, worker) in self.those(|it| it.is_starting() || it.is_idle()) {
            if starting {
                self.kill_now(now, worker, false, effects);
            } else {
                self.quit(now, worker, effects);
            }
        }
        for (&worker, entry) in &mut self.workers {
            (entry.outdated, entry.leaving) = (true, true);
            self.bindings.unbind(worker);
        }
        self.fill(now, effects);
    }

    pub(crate) fn stop(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        self.stopped = true;
        for task in self.waiting.drain() {
            effects.push(PoolEffect::Refuse {
                call: task.call,
                error: CallError::shutting_down(),
            });
        }
        for (_, worker) in self.those(|it| it.is_starting() || it.is_idle()) {
            self.quit(now, worker, effects);
        }
    }
}

fn release_killed(task: &Task, effects: &mut Vec<PoolEffect>) {
    effects.push(PoolEffect::Release {
        call: task.call,
        ending: CallEnd::Killed,
    });
}

/// The name of a worker in logs and errors.
pub(crate) fn worker_name(pool: &str, worker: WorkerId) -> String {
    format!("{pool}-{worker}")
}
