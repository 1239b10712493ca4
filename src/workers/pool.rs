//! The pool's machine: which worker runs which call, who is started, who is killed.
//!
//! ```text
//! starting ──ready──▶ idle ──call──▶ busy ──cancel──▶ cancelling
//!    │                 ▲ │            │ finished          │ finished, or killed after the grace
//!    │                 └─┼────────────┴───────────────────┘
//!    └──too long──▶ killed   recycled, stop ──▶ ending ──too long──▶ killed ──▶ dead
//! ```
//!
//! Dispatch and kill are decided here and nowhere else, so a kill reaches only the calls that it is
//! meant for: a worker is killed while it starts, ends, or has no call but such as were cancelled
//! a grace ago; or when the app asks for it, and then with no call that the app did not name. A
//! worker that others share with a call that does not stop takes no more, and is killed when they
//! have ended. Time is a number of milliseconds that comes with each event.

use std::collections::{BTreeMap, HashSet};

use super::{
    affinity::{Bindings, KEYS},
    health::{Quarantine, Starts},
    member::{SHARE, State, Worker},
    message::{Ending, PoolEffect, PoolEvent, PoolSpec, Task, Timed, WorkerId},
    places::Places,
    waiting::{Needs, Waiting},
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

    fn count(&self, of: impl Fn(&Worker) -> bool) -> usize {
        self.workers.values().filter(|it| of(it)).count()
    }

    /// Workers that are leaving, beyond those whose places others take: as many as there are.
    fn not_replaced(&self) -> usize {
        self.count(Worker::is_leaving)
            .saturating_sub(self.spec.workers)
    }

    /// Workers in use.
    fn occupied(&self) -> usize {
        self.count(|it| !it.runs().is_empty() && !it.leaving) + self.not_replaced()
    }

    /// Workers that are there to work.
    fn live(&self) -> usize {
        self.count(|it| it.is_starting() || it.serves()) + self.not_replaced()
    }

    /// Whether some worker takes, or will again take, calls.
    pub(super) fn serves(&self) -> bool {
        self.count(Worker::serves) > 0
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
    /// of its key, one for all calls of a new key, one for as many as share one.
    fn missing(&self) -> usize {
        let (mut keys, mut alone, mut sharing) = (HashSet::new(), 0, 0_usize);
        for (Needs { key, shared }, calls) in self.waiting.needs() {
            match key {
                Some(key) if self.bindings.worker(key).is_some() => {}
                Some(key) => alone += usize::from(keys.insert(key)),
                None if *shared => sharing += calls,
                None => alone += calls,
            }
        }
        alone + sharing.div_ceil(SHARE)
    }

    fn starting(&self) -> usize {
        self.count(Worker::is_starting)
    }

    fn dispatch(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        loop {
            let more = self.occupied() < self.spec.workers;
            let recycle_after = self.spec.recycle_after;
            let places = Places::new(&self.workers, &self.bindings, more, recycle_after);
            if !places.any() {
                return;
            }
            let Some(mut task) = self.waiting.pop(|it| places.of(it).is_some()) else {
                return;
            };
            let call = task.call;
            if let Some(error) = self.quarantine.refusal(&task.command, now) {
                effects.push(PoolEffect::Refuse { call, error });
                continue;
            }
            let Some(worker) = places.of(&Needs::of(&task)) else {
                return self.waiting.put_back(task);
            };
            if let Some(key) = &task.key {
                self.bindings.bind(key, worker);
            }
            if let Some(entry) = self.workers.get_mut(&worker) {
                task.starts -= 1;
                entry.take_on(now, task);
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
        let kill_at = now + self.spec.grace;
        for (&worker, entry) in &mut self.workers {
            if entry.cancel(now, call, kill_at) {
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
        (ran, unfit): (bool, bool),
        effects: &mut Vec<PoolEffect>,
    ) {
        let Some(entry) = self.workers.get_mut(&worker) else {
            return;
        };
        // None: its kill is on the way; the death ends the call.
        let Some(run) = entry.finish(now, call) else {
            return;
        };
        let ending = match (run.cancelled(), ran) {
            (true, _) => Ending::Cancelled,
            (false, true) => Ending::Finished,
            (false, false) => Ending::NeverRan,
        };
        entry.finished += u64::from(ran);
        let last = self.spec.recycle_after;
        let spent = last.is_some_and(|most| entry.finished >= most);
        entry.leaving |= unfit;
        if entry.is_idle() && (spent || self.stopped || entry.leaving) {
            self.quit(now, worker, effects);
        } else if entry.is_overdue(now) {
            // With the calls that would not stop it was only waiting for this one.
            self.kill_now(now, worker, false, effects);
        }
        if ran {
            self.starts.proven();
            self.quarantine.survived(&run.task.command);
        } else {
            self.quarantine.not_run(&run.task.command);
        }
        effects.push(PoolEffect::Release { call, ending });
        self.fill(now, effects);
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
                    && entry.is_starting()
                {
                    entry.enter(now, State::Serving(Vec::new()));
                    self.fill(now, effects);
                }
            }
            PoolEvent::Finished {
                worker,
                call,
                ran,
                unfit,
            } => self.finished(now, worker, call, (ran, unfit), effects),
            PoolEvent::Died { worker, exit } => self.died(now, worker, &exit, effects),
            PoolEvent::Overweight { worker } => self.overweight(now, worker, effects),
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

#[cfg(test)]
#[path = "sharing_tests.rs"]
mod sharing_tests;

#[cfg(test)]
#[path = "pool_properties.rs"]
mod properties;
