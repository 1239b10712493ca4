//! The jobs: calls whose page has gone while their work goes on. Owns who is told of their end, and
//! how long that is remembered.
//!
//! ```text
//! running --ended, released--> kept --10 minutes, or room for newer ones--> (gone)
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    machine::Machine,
    message::{CallKey, Name},
    scope::Scope,
};
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
    /// Its code has not begun. To the jobs themselves it is one that runs.
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
    /// The page of a call went, its work goes on.
    Detached {
        job: CallKey,
        label: Name,
        command: Name,
    },
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

/// What jobs ask for.
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
    /// Keep this error in the place of the outcome.
    Shed { job: CallKey, error: CallError },
    /// The outcome need not be kept any more.
    Drop { job: CallKey },
    /// Say when it is that late.
    Wake { at: u64 },
}

#[derive(Debug)]
struct Job {
    label: Name,
    command: Name,
    state: JobState,
    size: usize,
    released: bool,
    /// It has its place among those that are kept.
    kept: bool,
    attached: BTreeSet<CallKey>,
}

/// A job as it can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobInfo {
    /// The call that became it.
    pub id: CallKey,
    /// Its command.
    pub command: Name,
    /// The label of the window that called.
    pub window: Name,
    /// How far it has come.
    pub state: JobState,
}

impl JobInfo {
    /// Whether a window that may do what `scope` says sees it: its own, and those of windows that
    /// it reaches, of commands that it may call.
    pub fn is_visible(&self, window: &str, scope: &Scope) -> bool {
        let reaches = &*self.window == window || scope.allows_window(&self.window);
        reaches && scope.allows_command(&self.command)
    }
}

/// See the module's text.
#[derive(Debug, Default)]
pub struct JobsMachine {
    jobs: BTreeMap<CallKey, Job>,
    /// Those whose work has ended, and when it did.
    kept: VecDeque<(u64, CallKey)>,
    /// The results of those.
    bytes: usize,
    /// Whether a wake is asked for.
    armed: bool,
}

impl JobsMachine {
    /// What can be seen of a job.
    pub fn get(&self, job: CallKey) -> Option<JobInfo> {
        self.jobs.get(&job).map(|it| it.info(job))
    }

    /// How many there are: those that run, and those that are kept.
    pub fn held(&self) -> usize {
        self.jobs.len()
    }

    /// All jobs, oldest first.
    pub fn list(&self) -> Vec<JobInfo> {
        self.jobs.iter().map(|(id, job)| job.info(*id)).collect()
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
        let running = |job: &&mut Job| job.state == JobState::Running;
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

    /// Keeps a job whose work has ended and that has its outcome, whichever came first.
    fn keep(&mut self, key: CallKey, now: u64, effects: &mut Vec<JobEffect>) {
        let ended = |job: &&mut Job| job.has_ended() && !job.kept;
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

impl Job {
    fn has_ended(&self) -> bool {
        self.released && self.state != JobState::Running
    }

    fn info(&self, id: CallKey) -> JobInfo {
        JobInfo {
            id,
            command: self.command.clone(),
            window: self.label.clone(),
            state: self.state,
        }
    }
}

/// The refusal of a job that there is not, or not for this window.
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
            JobEvent::Detached { job, .. }
            | JobEvent::Undone { job }
            | JobEvent::Ended { job, .. }
            | JobEvent::Released { job, .. } => Some(*job),
            JobEvent::Attach { call, .. } | JobEvent::Left { call, .. } => Some(*call),
            JobEvent::Tick { .. } => None,
        }
    }

    fn step(&mut self, event: JobEvent, effects: &mut Vec<JobEffect>) {
        match event {
            JobEvent::Detached {
                job,
                label,
                command,
            } => {
                let running = Job {
                    label,
                    command,
                    state: JobState::Running,
                    size: 0,
                    released: false,
                    kept: false,
                    attached: BTreeSet::new(),
                };
                self.jobs.insert(job, running);
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
#[path = "jobs_tests.rs"]
mod tests;
