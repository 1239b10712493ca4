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
//! a grace ago. Time is a number of milliseconds that comes with each event.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    exit::Exit,
    health::{Quarantine, Starts},
};
use crate::{
    actors::{CallKey, Machine, Name},
    error::CallError,
};

/// A worker, unique in the life of its pool.
pub type WorkerId = u64;

/// How long a worker that was told to end may take.
const END_GRACE: u64 = 1_000;

/// How a pool behaves; times in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoolSpec {
    /// Calls at once.
    pub workers: usize,
    /// Workers beyond those in use that stand ready.
    pub warm: usize,
    /// From a cancel to the kill.
    pub grace: u64,
    /// From a worker's start to READY.
    pub start_timeout: u64,
    /// Early deaths that are borne, and within which time; `None`: any number.
    pub max_restarts: Option<(usize, u64)>,
    /// Deaths during calls of one command, and within which time, that make it rest; `None`: none.
    pub quarantine: Option<(usize, u64)>,
    /// A worker ends after so many calls.
    #[serde(default)]
    pub recycle_after: Option<u64>,
}

/// What can happen to a pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum PoolEvent {
    /// Run a call. `idempotent`: it may run a second time when its worker dies.
    Run {
        call: CallKey,
        command: Name,
        idempotent: bool,
    },
    /// Stop a call.
    Cancel { call: CallKey },
    /// A worker can take calls.
    Ready { worker: WorkerId },
    /// A worker is done with its call. `ran`: it was given to the process.
    Finished {
        worker: WorkerId,
        call: CallKey,
        ran: bool,
    },
    /// A worker's process is gone.
    Died { worker: WorkerId, exit: Exit },
    /// Time has passed.
    Tick,
    /// Nothing runs and nothing will come.
    Stop,
}

/// An event and when it happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timed {
    /// Milliseconds since the pool was made.
    pub now: u64,
    /// What happened.
    pub event: PoolEvent,
}

/// How the work of a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Ending {
    /// It never ran.
    NeverRan,
    /// By itself.
    Finished,
    /// After it was told to stop.
    Cancelled,
    /// With its worker.
    Killed,
}

/// What a pool asks for. Each call that ran in ends with exactly one of `Refuse` and `Release`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum PoolEffect {
    /// Start a process.
    Spawn { worker: WorkerId },
    /// Give a call to a worker.
    Send { worker: WorkerId, call: CallKey },
    /// Ask a worker to stop its call.
    Interrupt { worker: WorkerId, call: CallKey },
    /// End a worker after what was sent to it.
    Quit { worker: WorkerId },
    /// Kill a worker's process group.
    Kill { worker: WorkerId },
    /// Answer a call with an error; its work has ended.
    Refuse { call: CallKey, error: CallError },
    /// A call's work has ended; it was answered.
    Release { call: CallKey, ending: Ending },
    /// A worker is gone.
    Forget { worker: WorkerId },
    /// Come back with a tick, not before this time.
    Look { at: u64 },
}

#[derive(Debug, Clone)]
struct Job {
    call: CallKey,
    command: Name,
    /// How often it may still start.
    starts: u8,
}

#[derive(Debug)]
enum State {
    Starting { until: u64 },
    Idle,
    Busy(Job),
    Cancelling { job: Job, kill_at: u64 },
    Ending { kill_at: u64 },
    Killed(Killed),
}

#[derive(Debug)]
enum Killed {
    /// It took too long to start.
    Starting,
    /// It did not stop its call.
    During(Job),
    /// It did not end.
    Ending,
}

#[derive(Debug)]
struct Worker {
    state: State,
    finished: u64,
}

impl Worker {
    /// When it is to be killed.
    fn due(&self) -> Option<u64> {
        match &self.state {
            State::Starting { until: at }
            | State::Cancelling { kill_at: at, .. }
            | State::Ending { kill_at: at } => Some(*at),
            State::Idle | State::Busy(_) | State::Killed(_) => None,
        }
    }
}

/// See the module's text.
#[derive(Debug)]
pub struct PoolMachine {
    name: Name,
    spec: PoolSpec,
    workers: BTreeMap<WorkerId, Worker>,
    last: WorkerId,
    waiting: VecDeque<Job>,
    starts: Starts,
    quarantine: Quarantine,
    /// Nothing is started before the first call.
    used: bool,
    stopped: bool,
    /// The pool cannot work at all.
    closed: Option<CallError>,
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
            waiting: VecDeque::new(),
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

    fn count(&self, of: impl Fn(&State) -> bool) -> usize {
        self.workers.values().filter(|it| of(&it.state)).count()
    }

    fn occupied(&self) -> usize {
        self.count(|it| {
            matches!(
                it,
                State::Busy(_) | State::Cancelling { .. } | State::Killed(Killed::During(_))
            )
        })
    }

    /// Whether some worker takes, or will again take, calls.
    fn serves(&self) -> bool {
        self.count(|it| matches!(it, State::Idle | State::Busy(_) | State::Cancelling { .. })) > 0
    }

    fn run(&mut self, now: u64, job: Job, effects: &mut Vec<PoolEffect>) {
        let call = job.call;
        if self.stopped {
            let error = CallError::shutting_down();
            return effects.push(PoolEffect::Refuse { call, error });
        }
        if let Some(error) = self.closed.clone().or_else(|| self.unavailable(now)) {
            return effects.push(PoolEffect::Refuse { call, error });
        }
        if let Err(error) = self.quarantine.admit(&job.command, now) {
            return effects.push(PoolEffect::Refuse { call, error });
        }
        self.used = true;
        self.waiting.push_back(job);
        self.fill(now, effects);
    }

    /// The refusal while nobody serves and nobody may be started.
    fn unavailable(&self, now: u64) -> Option<CallError> {
        let (until, exit) = self.starts.resting(now)?;
        (!self.serves()).then(|| exit.unavailable(&self.name, until - now))
    }

    /// Gives waiting calls to idle workers, and starts those that are missing.
    fn fill(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        if self.stopped {
            return;
        }
        self.dispatch(now, effects);
        let taken = self.occupied() + self.waiting.len();
        let mut wanted = taken.min(self.spec.workers);
        // A spare would take the processor from the worker that a call waits for, and one that is
        // likely to die helps nobody.
        let quiet = self.waiting.is_empty() && self.starting() == 0;
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

    fn starting(&self) -> usize {
        self.count(|it| matches!(it, State::Starting { .. }))
    }

    /// Workers that are there to work.
    fn live(&self) -> usize {
        self.count(|it| !matches!(it, State::Ending { .. } | State::Killed(_)))
    }

    fn dispatch(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        while self.occupied() < self.spec.workers && !self.waiting.is_empty() {
            // The oldest idle worker: its caches are warm.
            let idle = |it: &&mut Worker| matches!(it.state, State::Idle);
            let idle = self.workers.iter_mut().find(|(_, it)| idle(it));
            let Some((&worker, entry)) = idle else {
                return;
            };
            let Some(mut job) = self.waiting.pop_front() else {
                return;
            };
            if let Some(error) = self.quarantine.refusal(&job.command, now) {
                let call = job.call;
                effects.push(PoolEffect::Refuse { call, error });
                continue;
            }
            job.starts -= 1;
            let call = job.call;
            entry.state = State::Busy(job);
            effects.push(PoolEffect::Send { worker, call });
        }
    }

    fn spawn(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        self.last += 1;
        let worker = self.last;
        let until = now + self.spec.start_timeout;
        self.workers.insert(
            worker,
            Worker {
                state: State::Starting { until },
                finished: 0,
            },
        );
        effects.push(PoolEffect::Spawn { worker });
        effects.push(PoolEffect::Look { at: until });
    }

    fn cancel(&mut self, now: u64, call: CallKey, effects: &mut Vec<PoolEffect>) {
        if let Some(at) = self.waiting.iter().position(|job| job.call == call) {
            if let Some(job) = self.waiting.remove(at) {
                self.quarantine.not_run(&job.command);
            }
            let ending = Ending::NeverRan;
            return effects.push(PoolEffect::Release { call, ending });
        }
        let grace = self.spec.grace;
        for (&worker, entry) in &mut self.workers {
            if let State::Busy(job) = &entry.state
                && job.call == call
            {
                let (job, kill_at) = (job.clone(), now + grace);
                entry.state = State::Cancelling { job, kill_at };
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
        let (job, ending) = match &entry.state {
            State::Busy(job) if job.call == call && ran => (job.clone(), Ending::Finished),
            State::Busy(job) if job.call == call => (job.clone(), Ending::NeverRan),
            State::Cancelling { job, .. } if job.call == call => (job.clone(), Ending::Cancelled),
            // Its kill is on the way; the death ends the call.
            _ => return,
        };
        entry.finished += u64::from(ran);
        let spent = self
            .spec
            .recycle_after
            .is_some_and(|most| entry.finished >= most);
        entry.state = State::Idle;
        if spent || self.stopped {
            self.quit(now, worker, effects);
        }
        if ran {
            self.starts.proven();
            self.quarantine.survived(&job.command);
        } else {
            self.quarantine.not_run(&job.command);
        }
        effects.push(PoolEffect::Release { call, ending });
        self.fill(now, effects);
    }

    fn quit(&mut self, now: u64, worker: WorkerId, effects: &mut Vec<PoolEffect>) {
        if let Some(entry) = self.workers.get_mut(&worker) {
            let kill_at = now + END_GRACE;
            entry.state = State::Ending { kill_at };
            effects.push(PoolEffect::Quit { worker });
            effects.push(PoolEffect::Look { at: kill_at });
        }
    }

    fn died(&mut self, now: u64, worker: WorkerId, exit: &Exit, effects: &mut Vec<PoolEffect>) {
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
        let error = exit.worker_lost(&worker_name(&self.name, worker), true);
        effects.push(PoolEffect::Refuse {
            call: job.call,
            error,
        });
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
        for (&worker, entry) in &mut self.workers {
            let killed = match &entry.state {
                State::Starting { until } if *until <= now => Killed::Starting,
                State::Cancelling { job, kill_at } if *kill_at <= now => {
                    Killed::During(job.clone())
                }
                State::Ending { kill_at } if *kill_at <= now => Killed::Ending,
                _ => continue,
            };
            entry.state = State::Killed(killed);
            effects.push(PoolEffect::Kill { worker });
        }
        let due = self.workers.values().filter_map(|it| it.due()).min();
        effects.extend(due.map(|at| PoolEffect::Look { at }));
        self.fill(now, effects);
    }

    fn stop(&mut self, now: u64, effects: &mut Vec<PoolEffect>) {
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

impl Machine for PoolMachine {
    type Event = Timed;
    type Effect = PoolEffect;
    const KIND: &'static str = "pool";

    fn call_of(event: &Timed) -> Option<CallKey> {
        match &event.event {
            PoolEvent::Run { call, .. }
            | PoolEvent::Cancel { call }
            | PoolEvent::Finished { call, .. } => Some(*call),
            _ => None,
        }
    }

    fn step(&mut self, Timed { now, event }: Timed, effects: &mut Vec<PoolEffect>) {
        match event {
            PoolEvent::Run {
                call,
                command,
                idempotent,
            } => {
                let starts = if idempotent { 2 } else { 1 };
                let job = Job {
                    call,
                    command,
                    starts,
                };
                self.run(now, job, effects);
            }
            PoolEvent::Cancel { call } => self.cancel(now, call, effects),
            PoolEvent::Ready { worker } => {
                if let Some(entry) = self.workers.get_mut(&worker)
                    && matches!(entry.state, State::Starting { .. })
                {
                    entry.state = State::Idle;
                    self.fill(now, effects);
                }
            }
            PoolEvent::Finished { worker, call, ran } => {
                self.finished(now, worker, call, ran, effects);
            }
            PoolEvent::Died { worker, exit } => self.died(now, worker, &exit, effects),
            PoolEvent::Tick => self.tick(now, effects),
            PoolEvent::Stop => self.stop(now, effects),
        }
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
