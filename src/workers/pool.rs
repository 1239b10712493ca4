//! The pool's machine: which worker runs which call, who is started, who is killed.
//!
//! ```text
//! starting ──ready──▶ idle ──call──▶ busy ──cancel──▶ cancelling
//!    │                 ▲ │            │ finished          │ finished, or killed after the grace
//!    │                 └─┼────────────┴───────────────────┘
//!    └──too long──▶ killed   recycled, stop ──▶ ending ──too long──▶ killed ──▶ dead
//! ```
//!
//! Dispatch and kill are decided here and nowhere else, so a kill reaches only the call that it is
//! meant for: a worker is killed while it starts, ends, or is still on a call that was cancelled
//! a grace ago; or when the app asks for it, and then with no call that the app did not name. Time
//! is a number of milliseconds that comes with each event.

use std::collections::{BTreeMap, HashSet};

use super::{
    affinity::{Bindings, KEYS},
    health::{Quarantine, Starts},
    member::{Killed, State, Worker},
    message::{Ending, PoolEffect, PoolEvent, PoolSpec, Task, Timed, WorkerId},
    waiting::Waiting,
};
use crate::{
    actors::{CallKey, Machine, Name},
    error::CallError,
};

/// See the module's text.
#[derive(Debug)]
pub struct PoolMachine {
    pub(super) name: Name,
    pub(super) spec: PoolSpec,
    pub(super) workers: BTreeMap<WorkerId, Worker>,
    pub(super) last: WorkerId,
    pub(super) waiting: Waiting,
    pub(super) bindings: Bindings,
    pub(super) starts: Starts,
    pub(super) quarantine: Quarantine,
    /// Nothing is started before the first call.
    used: bool,
    pub(super) stopped: bool,
    /// The pool cannot work at all.
    pub(super) closed: Option<CallError>,
}

impl PoolMachine {
    /// A pool that has started nothing yet. `seed` spreads its back-offs.
    pub fn new(name: Name, spec: PoolSpec, seed: u64) -> Self {
        Self {
            name,
            starts: Starts::new(spec.max_restarts, seed),
            quarantine: Quarantine::new(spec.quarantine),
            spec,
            workers: BTreeMap::new(),
            last: 0,
            waiting: Waiting::default(),
            bindings: Bindings::new(KEYS),
            used: false,
            stopped: false,
            closed: None,
        }
    }

    /// A pool that refuses every call.
    #[must_use]
    pub fn refusing(mut self, error: CallError) -> Self {
        self.closed = Some(error);
        self
    }

    /// How many calls wait for a worker.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn count(&self, of: impl Fn(&State) -> bool) -> usize {
        self.workers.values().filter(|it| of(&it.state)).count()
    }

    fn occupied(&self) -> usize {
        self.count(|it| {
            matches!(
                it,
                State::Busy(_)
                    | State::Cancelling { .. }
                    | State::Killed(Killed::During(_) | Killed::Asked(_))
            )
        })
    }

    /// Whether some worker takes, or will again take, calls.
    pub(super) fn serves(&self) -> bool {
        self.count(|it| matches!(it, State::Idle | State::Busy(_) | State::Cancelling { .. })) > 0
    }

    fn run(&mut self, now: u64, task: Task, effects: &mut Vec<PoolEffect>) {
        let call = task.call;
        if self.stopped {
            let error = CallError::shutting_down();
            return effects.push(PoolEffect::Refuse { call, error });
        }
        if let Some(error) = self.closed.clone().or_else(|| self.unavailable(now)) {
            return effects.push(PoolEffect::Refuse { call, error });
        }
        if let Err(error) = self.quarantine.admit(&task.command, now) {
            return effects.push(PoolEffect::Refuse { call, error });
        }
        self.used = true;
        self.waiting.push(task);
        self.fill(now, effects);
    }

    /// Gives waiting calls to idle workers, and starts those that are missing.
    pub(super) fn fill(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        if self.stopped {
            return;
        }
        self.dispatch(now, effects);
        let missing = self.missing();
        let taken = self.occupied() + missing;
        let mut wanted = taken.min(self.spec.workers);
        // A spare would take the processor from the worker that a call waits for, and one that is
        // likely to die helps nobody.
        let quiet = missing == 0 && self.starting() == 0;
        if self.used && quiet && self.starts.healthy() {
            wanted += self.spec.warm;
        }
        if self.live() >= wanted {
            return;
        }
        let (most, from) = self.starts.may_start(now, wanted);
        if from > now {
            return effects.push(PoolEffect::Look { at: from });
        }
        while self.live() < wanted.min(most) {
            self.spawn(now, effects);
        }
    }

    /// How many more workers the waiting calls could use: none for a call that waits for the worker
    /// of its key, one for all calls of a new key.
    fn missing(&self) -> usize {
        let mut keys = HashSet::new();
        let tasks = self.waiting.tasks();
        tasks
            .filter(|task| match &task.key {
                Some(key) => self.bindings.worker(key).is_none() && keys.insert(key),
                None => true,
            })
            .count()
    }

    fn starting(&self) -> usize {
        self.count(|it| matches!(it, State::Starting { .. }))
    }

    /// Workers that are there to work.
    fn live(&self) -> usize {
        self.count(|it| !matches!(it, State::Ending { .. } | State::Killed(_)))
    }

    fn dispatch(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        while self.occupied() < self.spec.workers {
            let (workers, bindings) = (&self.workers, &self.bindings);
            let may = |task: &Task| place(workers, bindings, task).is_some();
            let Some(mut task) = self.waiting.pop(may) else {
                return;
            };
            let call = task.call;
            if let Some(error) = self.quarantine.refusal(&task.command, now) {
                effects.push(PoolEffect::Refuse { call, error });
                continue;
            }
            let Some(worker) = place(&self.workers, &self.bindings, &task) else {
                return self.waiting.put_back(task);
            };
            if let Some(key) = &task.key {
                self.bindings.bind(key, worker);
            }
            if let Some(entry) = self.workers.get_mut(&worker) {
                task.starts -= 1;
                entry.enter(now, State::Busy(task));
                effects.push(PoolEffect::Send { worker, call });
            }
        }
    }

    fn cancel(&mut self, now: u64, call: CallKey, effects: &mut Vec<PoolEffect>) {
        if let Some(task) = self.waiting.remove(call) {
            self.quarantine.not_run(&task.command);
            let ending = Ending::NeverRan;
            return effects.push(PoolEffect::Release { call, ending });
        }
        let grace = self.spec.grace;
        for (&worker, entry) in &mut self.workers {
            if let State::Busy(task) = &entry.state
                && task.call == call
            {
                let (task, kill_at) = (task.clone(), now + grace);
                entry.enter(now, State::Cancelling { task, kill_at });
                effects.push(PoolEffect::Interrupt { worker, call });
                return effects.push(PoolEffect::Look { at: kill_at });
            }
        }
    }

    fn finished(
        &mut self,
        now: u64,
        worker: WorkerId,
        call: CallKey,
        ran: bool,
        effects: &mut Vec<PoolEffect>,
    ) {
        let Some(entry) = self.workers.get_mut(&worker) else {
            return;
        };
        let (task, ending) = match &entry.state {
            State::Busy(task) if task.call == call && ran => (task.clone(), Ending::Finished),
            State::Busy(task) if task.call == call => (task.clone(), Ending::NeverRan),
            State::Cancelling { task, .. } if task.call == call => {
                (task.clone(), Ending::Cancelled)
            }
            // Its kill is on the way; the death ends the call.
            _ => return,
        };
        entry.finished += u64::from(ran);
        let spent = self
            .spec
            .recycle_after
            .is_some_and(|most| entry.finished >= most);
        entry.enter(now, State::Idle);
        if spent || self.stopped {
            self.quit(now, worker, effects);
        }
        if ran {
            self.starts.proven();
            self.quarantine.survived(&task.command);
        } else {
            self.quarantine.not_run(&task.command);
        }
        effects.push(PoolEffect::Release { call, ending });
        self.fill(now, effects);
    }
}

/// The idle worker that a call goes to: the one of its key, else the one with the fewest keys, for
/// which the fewest wait; of these the oldest, whose caches are warm.
fn place(
    workers: &BTreeMap<WorkerId, Worker>,
    bindings: &Bindings,
    task: &Task,
) -> Option<WorkerId> {
    let idle = |worker: &WorkerId| {
        let entry = workers.get(worker);
        entry.is_some_and(|it| matches!(it.state, State::Idle))
    };
    match task.key.as_ref().and_then(|key| bindings.worker(key)) {
        Some(worker) => Some(worker).filter(idle),
        None => {
            let idle = workers.keys().copied().filter(idle);
            idle.min_by_key(|worker| (bindings.count(*worker), *worker))
        }
    }
}

impl Machine for PoolMachine {
    type Event = Timed;
    type Effect = PoolEffect;
    const KIND: &'static str = "pool";

    fn call_of(event: &Timed) -> Option<CallKey> {
        match &event.event {
            PoolEvent::Run(Task { call, .. })
            | PoolEvent::Cancel { call }
            | PoolEvent::Finished { call, .. } => Some(*call),
            _ => None,
        }
    }

    fn step(&mut self, Timed { now, event }: Timed, effects: &mut Vec<PoolEffect>) {
        match event {
            PoolEvent::Run(task) => self.run(now, task, effects),
            PoolEvent::Cancel { call } => self.cancel(now, call, effects),
            PoolEvent::Ready { worker } => {
                if let Some(entry) = self.workers.get_mut(&worker)
                    && matches!(entry.state, State::Starting { .. })
                {
                    entry.enter(now, State::Idle);
                    self.fill(now, effects);
                }
            }
            PoolEvent::Finished { worker, call, ran } => {
                self.finished(now, worker, call, ran, effects);
            }
            PoolEvent::Died { worker, exit } => self.died(now, worker, &exit, effects),
            PoolEvent::Kill { worker, calls } => self.kill(now, worker, &calls, effects),
            PoolEvent::Tick => self.tick(now, effects),
            PoolEvent::Stop => self.stop(now, effects),
        }
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "kill_tests.rs"]
mod kill_tests;
