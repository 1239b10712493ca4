//! Decides who is told when a job ends, and how long its result is kept.
//!
//! A job is a call whose page has gone while its work goes on.
//!
//! ```text
//! running --ended, released--> kept --10 minutes, or room for newer ones--> (gone)
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::actors::{actor::machine::Machine, ids::CallKey};
use crate::error::{CallError, ErrorCode};

/// How many ended jobs are kept.
const JOBS: usize = 64;
/// How many bytes of results are kept, of all ended jobs.
const BYTES: usize = 16 << 20;
/// How long an ended job is kept, in milliseconds.
const KEPT: u64 = 10 * 60 * 1000;
/// How many calls wait for one job.
const ATTACHED: usize = 64;

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Its code has not begun. For this machine it counts as running.
    Queued,
    /// It runs.
    Running,
    /// It has a result.
    Finished,
    /// It has an error.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

/// What can happen to jobs. Times are milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum JobEvent {
    /// The page of a call went, and its work goes on.
    Detached { job: CallKey },
    /// The call had been answered before it could become a job.
    Undone { job: CallKey },
    /// A call wants the progress and the outcome of a job.
    Attach { call: CallKey, job: CallKey },
    /// Nobody waits for an attached call any more.
    Left { call: CallKey, job: CallKey },
    /// A job has its outcome, of `size` bytes.
    Ended {
        job: CallKey,
        state: JobState,
        size: usize,
        now: u64,
    },
    /// A job's work ended.
    Released { job: CallKey, now: u64 },
    /// Time has passed.
    Tick { now: u64 },
}

/// What the jobs ask for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum JobEffect {
    /// Answer a call with an error: there is no such job.
    Refuse { call: CallKey, error: CallError },
    /// Bring the progress of the job so far to the call.
    Join { call: CallKey, job: CallKey },
    /// Answer the call with the job's outcome.
    Answer { call: CallKey, job: CallKey },
    /// The call ends with the job's work.
    Release { call: CallKey, job: CallKey },
    /// Replace the kept outcome by this error.
    Shed { job: CallKey, error: CallError },
    /// The outcome need not be kept any more.
    Drop { job: CallKey },
    /// Send a `Tick` at this time.
    Wake { at: u64 },
}

/// What must be known of a job here. Its window, command and outcome are read from its call.
#[derive(Debug)]
struct JobRecord {
    state: JobState,
    size: usize,
    released: bool,
    /// It is in the list of kept jobs.
    kept: bool,
    attached: BTreeSet<CallKey>,
}

/// What the jobs' actor learns of a job when it is restarted.
#[derive(Debug)]
pub struct HeldJob {
    /// Its key.
    pub job: CallKey,
    /// How far it has come.
    pub state: JobState,
    /// The bytes of its outcome.
    pub size: usize,
    /// Whether its work has ended.
    pub released: bool,
    /// The calls that wait for it.
    pub attached: BTreeSet<CallKey>,
}

/// The state of all jobs of an app.
#[derive(Debug, Default)]
pub struct JobsMachine {
    jobs: BTreeMap<CallKey, JobRecord>,
    /// The jobs whose work has ended, and when it ended.
    kept: VecDeque<(u64, CallKey)>,
    /// The bytes of their results.
    bytes: usize,
    /// Whether a `Wake` is pending.
    armed: bool,
}

impl JobsMachine {
    /// Creates the state of jobs whose machine panicked. Nothing is lost but the time since when
    /// the ended ones are kept: that begins anew.
    /// `strays`: calls that wait for jobs that are gone.
    pub fn restarted(
        jobs: Vec<HeldJob>,
        strays: Vec<(CallKey, CallKey)>,
        now: u64,
    ) -> (Self, Vec<JobEffect>) {
        let (mut fresh, mut effects) = (Self::default(), Vec::new());
        for (call, job) in strays {
            let error = no_job(job);
            effects.push(JobEffect::Refuse { call, error });
        }
        for HeldJob {
            job: id,
            state,
            size,
            released,
            attached,
        } in jobs
        {
            let record = JobRecord {
                released,
                attached,
                ..JobRecord::running()
            };
            fresh.jobs.insert(id, record);
            if !matches!(state, JobState::Running | JobState::Queued) {
                fresh.ended(id, state, size, &mut effects);
            }
            fresh.keep(id, now, &mut effects);
        }
        (fresh, effects)
    }

    /// How far a job has come, as far as was heard.
    pub fn state(&self, job: CallKey) -> Option<JobState> {
        self.jobs.get(&job).map(|it| it.state)
    }

    /// How many jobs there are, both running and kept.
    pub fn held(&self) -> usize {
        self.jobs.len()
    }

    /// All jobs, oldest first.
    #[cfg(test)]
    pub(crate) fn list(&self) -> Vec<(CallKey, JobState)> {
        self.jobs.iter().map(|(id, job)| (*id, job.state)).collect()
    }

    /// The calls that wait for a job.
    pub fn attached(&self, job: CallKey) -> Vec<CallKey> {
        let job = self.jobs.get(&job);
        job.map_or_else(Vec::new, |job| job.attached.iter().copied().collect())
    }

    fn attach(&mut self, call: CallKey, key: CallKey, effects: &mut Vec<JobEffect>) {
        let Some(job) = self.jobs.get_mut(&key) else {
            let error = no_job(key);
            return effects.push(JobEffect::Refuse { call, error });
        };
        if job.attached.len() >= ATTACHED {
            let error = CallError::overloaded("job", ATTACHED);
            return effects.push(JobEffect::Refuse { call, error });
        }
        effects.push(JobEffect::Join { call, job: key });
        if job.state != JobState::Running {
            effects.push(JobEffect::Answer { call, job: key });
        }
        if job.has_ended() {
            effects.push(JobEffect::Release { call, job: key });
        } else {
            job.attached.insert(call);
        }
    }

    fn ended(&mut self, key: CallKey, state: JobState, size: usize, effects: &mut Vec<JobEffect>) {
        let running = |job: &&mut JobRecord| job.state == JobState::Running;
        let Some(job) = self.jobs.get_mut(&key).filter(running) else {
            return;
        };
        (job.state, job.size) = (state, size);
        let answer = |call: &CallKey| JobEffect::Answer {
            call: *call,
            job: key,
        };
        effects.extend(job.attached.iter().map(answer));
        if size > BYTES {
            job.size = 0;
            let error = too_large(size);
            effects.push(JobEffect::Shed { job: key, error });
        }
    }

    /// Keeps a job once its work has ended and it has its outcome, in whichever order.
    fn keep(&mut self, key: CallKey, now: u64, effects: &mut Vec<JobEffect>) {
        let ended = |job: &&mut JobRecord| job.has_ended() && !job.kept;
        let Some(job) = self.jobs.get_mut(&key).filter(ended) else {
            return;
        };
        job.kept = true;
        for call in std::mem::take(&mut job.attached) {
            effects.push(JobEffect::Release { call, job: key });
        }
        self.bytes += job.size;
        self.kept.push_back((now, key));
        while self.kept.len() > JOBS || self.bytes > BYTES {
            self.drop_oldest(effects);
        }
        self.arm(effects);
    }

    fn drop_oldest(&mut self, effects: &mut Vec<JobEffect>) {
        if let Some((_, job)) = self.kept.pop_front() {
            self.bytes -= self.jobs.remove(&job).map_or(0, |job| job.size);
            effects.push(JobEffect::Drop { job });
        }
    }

    fn arm(&mut self, effects: &mut Vec<JobEffect>) {
        if let (false, Some((ended, _))) = (self.armed, self.kept.front()) {
            self.armed = true;
            effects.push(JobEffect::Wake { at: ended + KEPT });
        }
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<JobEffect>) {
        self.armed = false;
        while self.kept.front().is_some_and(|(at, _)| at + KEPT <= now) {
            self.drop_oldest(effects);
        }
        self.arm(effects);
    }
}

impl JobRecord {
    fn has_ended(&self) -> bool {
        self.released && self.state != JobState::Running
    }

    fn running() -> Self {
        Self {
            state: JobState::Running,
            size: 0,
            released: false,
            kept: false,
            attached: BTreeSet::new(),
        }
    }
}

/// The error for a job that does not exist, or that this window may not see.
pub(crate) fn no_job(job: CallKey) -> CallError {
    let text = format!(
        "there is no job {} that this window may see: it was too long ago, or was never there",
        job.0
    );
    CallError::new(ErrorCode::InvalidArgument, text).with("started", false)
}

fn too_large(size: usize) -> CallError {
    let text = format!(
        "the job has finished, but its result of {size} bytes is too large to keep: the limit is \
         {BYTES}"
    );
    CallError::new(ErrorCode::PayloadTooLarge, text)
        .with("limit", BYTES)
        .with("started", true)
}

impl Machine for JobsMachine {
    type Event = JobEvent;
    type Effect = JobEffect;
    const KIND: &'static str = "jobs";

    fn call_of(event: &JobEvent) -> Option<CallKey> {
        match event {
            JobEvent::Detached { job }
            | JobEvent::Undone { job }
            | JobEvent::Ended { job, .. }
            | JobEvent::Released { job, .. } => Some(*job),
            JobEvent::Attach { call, .. } | JobEvent::Left { call, .. } => Some(*call),
            JobEvent::Tick { .. } => None,
        }
    }

    fn step(&mut self, event: JobEvent, effects: &mut Vec<JobEffect>) {
        match event {
            JobEvent::Detached { job } => {
                // A machine that was restarted meanwhile has read it from its call, with those that
                // wait for it.
                self.jobs.entry(job).or_insert_with(JobRecord::running);
            }
            JobEvent::Undone { job } => {
                let attached = self.jobs.remove(&job).map(|job| job.attached);
                for call in attached.into_iter().flatten() {
                    let error = no_job(job);
                    effects.push(JobEffect::Refuse { call, error });
                }
            }
            JobEvent::Attach { call, job } => self.attach(call, job, effects),
            JobEvent::Left { call, job } => {
                if let Some(job) = self.jobs.get_mut(&job) {
                    job.attached.remove(&call);
                }
            }
            JobEvent::Ended {
                job,
                state,
                size,
                now,
            } => {
                self.ended(job, state, size, effects);
                self.keep(job, now, effects);
            }
            JobEvent::Released { job, now } => {
                if let Some(it) = self.jobs.get_mut(&job) {
                    it.released = true;
                }
                self.keep(job, now, effects);
            }
            JobEvent::Tick { now } => self.tick(now, effects),
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
