//! Decides which worker of a pool runs which call, and when workers are started and killed.
//!
//! ```text
//! starting ──ready──▶ idle ──call──▶ busy ──cancel──▶ cancelling
//!    │                 ▲ │            │ finished          │ finished, or killed after the grace
//!    │                 └─┼────────────┴───────────────────┘
//!    └──too long──▶ killed   recycled, stop ──▶ ending ──too long──▶ killed ──▶ dead
//! ```
//!
//! Dispatches and kills are decided here and nowhere else, so that a kill reaches only the calls
//! that it is meant for. A worker is killed while it starts, while it ends, or when it has no calls
//! except some that were cancelled a grace period ago. It is also killed when the app asks for it,
//! unless it has a call that the app did not name. A worker that runs several calls, one of which
//! does not stop, takes no more calls, and is killed when the others have ended. Time is a number
//! of milliseconds that comes with each event.

use std::collections::{BTreeMap, HashSet};

use super::{
    affinity::{Bindings, KEYS},
    health::{Quarantine, Starts},
    member::{Member, MemberState, SHARE},
    messages::{CallEnd, PoolEffect, PoolEvent, PoolSpec, Task, Timed, WorkerId},
    placement::Places,
    queue::{Needs, WaitingCalls},
};
use crate::{
    actors::{CallKey, Machine, Name},
    error::CallError,
};

/// The state of a pool.
#[derive(Debug)]
pub struct PoolMachine {
    pub(crate) name: Name,
    pub(crate) spec: PoolSpec,
    pub(crate) workers: BTreeMap<WorkerId, Member>,
    pub(crate) last: WorkerId,
    pub(crate) waiting: WaitingCalls,
    pub(crate) bindings: Bindings,
    pub(crate) starts: Starts,
    pub(crate) quarantine: Quarantine,
    /// Whether there was a call. Nothing is started before the first one.
    used: bool,
    pub(crate) stopped: bool,
    /// The reason why the pool cannot work at all.
    pub(crate) closed: Option<CallError>,
}

impl PoolMachine {
    /// Creates a pool without workers. `seed` spreads its back-offs.
    pub fn new(name: Name, spec: PoolSpec, seed: u64) -> Self {
        Self {
            name,
            starts: Starts::new(spec.max_restarts, seed),
            quarantine: Quarantine::new(spec.quarantine),
            spec,
            workers: BTreeMap::new(),
            last: 0,
            waiting: WaitingCalls::default(),
            bindings: Bindings::new(KEYS),
            used: false,
            stopped: false,
            closed: None,
        }
    }

    /// Creates the state of a pool whose machine panicked. Its calls are answered, and its workers
    /// are killed and replaced, since nobody knows any more what they do.
    pub fn restarted(
        &self,
        now: u64,
        workers: &[WorkerId],
        calls: &[CallKey],
    ) -> (Self, Vec<PoolEffect>) {
        let mut fresh = Self::new(self.name.clone(), self.spec.clone(), now);
        fresh.closed = self.closed.clone();
        (fresh.last, fresh.used, fresh.stopped) = (self.last, self.used, self.stopped);
        let mut effects = Vec::new();
        for &call in calls {
            let error = CallError::restarted("pool of workers");
            effects.push(PoolEffect::Refuse { call, error });
        }
        for &worker in workers {
            fresh.last = fresh.last.max(worker);
            fresh.workers.insert(worker, Member::killed(now));
            effects.push(PoolEffect::Kill { worker });
        }
        (fresh, effects)
    }

    /// Makes the pool refuse every call.
    #[must_use]
    pub fn refusing(mut self, error: CallError) -> Self {
        self.closed = Some(error);
        self
    }

    /// How many calls wait for a worker.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn count(&self, of: impl Fn(&Member) -> bool) -> usize {
        self.workers.values().filter(|it| of(it)).count()
    }

    /// The leaving workers that keep their places: the outdated ones but for one, so that they are
    /// replaced one at a time, and of the others those beyond the size of the pool.
    fn not_replaced(&self) -> usize {
        let outdated = self.count(|it| it.is_leaving() && it.outdated);
        let others = self.count(Member::is_leaving) - outdated;
        outdated.saturating_sub(1) + others.saturating_sub(self.spec.workers)
    }

    /// Whether another process may start. While outdated ones are there, also if they are ending,
    /// there is one process at most beyond those that the pool may have.
    fn has_room(&self) -> bool {
        let outdated = self.count(|it| it.outdated);
        let fresh = self.count(|it| it.is_starting() || it.serves());
        outdated == 0 || outdated + fresh <= self.spec.workers + self.spec.warm
    }

    /// Workers in use.
    fn occupied(&self) -> usize {
        self.count(|it| !it.runs().is_empty() && !it.leaving) + self.not_replaced()
    }

    /// Workers that can work.
    fn live(&self) -> usize {
        self.count(|it| it.is_starting() || it.serves()) + self.not_replaced()
    }

    /// Whether some worker takes calls, or will take calls again.
    pub(crate) fn serves(&self) -> bool {
        self.count(Member::serves) > 0
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

    /// Gives waiting calls to idle workers, and starts missing workers.
    pub(crate) fn fill(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
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
        while self.live() < wanted.min(most) && self.has_room() {
            self.spawn(now, effects);
        }
    }

    /// How many more workers the waiting calls could use: none for a call that waits for the worker
    /// of its key, one for all calls of a new key, and one for as many calls as can share one.
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
        self.count(Member::is_starting)
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
            let ending = CallEnd::NeverRan;
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
            (true, _) => CallEnd::Cancelled,
            (false, true) => CallEnd::Finished,
            (false, false) => CallEnd::NeverRan,
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
                    entry.enter(now, MemberState::Serving(Vec::new()));
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
            PoolEvent::Renew => self.renew(now, effects),
            PoolEvent::Tick => self.tick(now, effects),
            PoolEvent::Stop => self.stop(now, effects),
        }
    }
}

#[cfg(test)]
#[path = "tests/machine.rs"]
mod tests;

#[cfg(test)]
#[path = "tests/deaths.rs"]
mod death_tests;

#[cfg(test)]
#[path = "tests/kill.rs"]
mod kill_tests;

#[cfg(test)]
#[path = "tests/sharing.rs"]
mod sharing_tests;

#[cfg(test)]
#[path = "tests/properties.rs"]
mod properties;
