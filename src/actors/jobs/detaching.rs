//! Keeps calls running as jobs after their page has gone, and lets other calls attach to them.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde::Serialize;

use super::machine::{JobEffect, JobEvent, JobInfo, JobState, JobsMachine};
use crate::actors::{
    actor::{
        shell::{Actor, Failure, Interpret},
        trace::Trace,
    },
    call::{
        cell::Call,
        request::{Outcome, Progress},
    },
    ids::{CallKey, Name},
    system::{System, interpret::contain_panics},
    window::scope::Scope,
};
use crate::error::{CallError, ErrorCode};

/// A job as a page sees it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    #[serde(flatten)]
    info: JobInfo,
    progress: Option<Progress>,
    /// When the call was accepted: milliseconds since 1970.
    started_at: u64,
}

impl System {
    /// The jobs that a window may see, oldest first.
    pub fn jobs_for(&self, window: &str, scope: &Scope) -> Vec<Job> {
        let mut jobs = self.all_jobs();
        jobs.retain(|job| job.is_visible(window, scope));
        let job = |mut info: JobInfo| {
            let call = self.call(info.id)?;
            if info.state == JobState::Running && !call.begun() {
                info.state = JobState::Queued;
            }
            Some(Job {
                info,
                progress: call.progress(),
                started_at: since_1970(&call),
            })
        };
        jobs.into_iter().filter_map(job).collect()
    }

    /// All jobs, also ended ones and those that the jobs' actor has not heard of yet.
    fn all_jobs(&self) -> Vec<JobInfo> {
        let mut jobs = self.jobs.look(JobsMachine::list);
        let heard: HashSet<CallKey> = jobs.iter().map(|job| job.id).collect();
        let others = self.calls.iter().filter(|it| !heard.contains(it.key()));
        jobs.extend(others.filter_map(|call| job_info(&call)));
        jobs.sort_unstable_by_key(|job| job.id);
        jobs
    }

    /// The command of a job, if the window may see it.
    pub fn job_for(&self, window: &str, scope: &Scope, job: CallKey) -> Option<Name> {
        let heard = self.jobs.look(|jobs| jobs.get(job));
        heard
            .or_else(|| job_info(&*self.call(job)?))
            .filter(|job| job.is_visible(window, scope))
            .map(|job| job.command)
    }

    /// The jobs whose work has not ended, oldest first. This includes calls of windows that
    /// `is_open` denies, which will outlive their page but of which the actors have not heard yet.
    pub fn running_jobs(&self, is_open: impl Fn(&str) -> bool) -> Vec<Arc<Call>> {
        let mut calls = self.calls();
        calls.retain(|call| {
            call.is_job() || (self.can_become_job(call) && !is_open(&call.request.window))
        });
        calls
    }

    fn can_become_job(&self, call: &Call) -> bool {
        let command = &call.request.command;
        let detaches = || self.supervisor.look(|it| it.detaches(command));
        !call.is_settled() && call.items().is_none() && detaches()
    }

    pub(crate) fn tell_jobs(self: &Arc<Self>, event: JobEvent) {
        self.jobs.send(self, event);
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Turns a call into a job because its page is gone.
    pub(crate) fn outlive_page(self: &Arc<Self>, key: CallKey) {
        let Some(call) = self.call(key) else {
            return;
        };
        if let Some(job) = call.request.attach {
            return self.leave(&call, job, CallError::window_closed());
        }
        if call.items().is_some() {
            // Nobody can take the items of a stream over.
            return self.stop(&[key], &CallError::window_closed());
        }
        // Told first, so that its end cannot come before it.
        self.tell_jobs(JobEvent::Detached {
            job: key,
            label: call.request.window.clone(),
            command: call.request.command.clone(),
        });
        if !call.become_job(CallError::window_closed()) {
            self.tell_jobs(JobEvent::Undone { job: key });
        }
    }

    /// Ends an attached call. Its caller gave it up, which also cancels the job; or its page went,
    /// which does not.
    pub(crate) fn leave(self: &Arc<Self>, call: &Arc<Call>, job: CallKey, error: CallError) {
        self.begin_with(call, job);
        let page_gone = error.code == ErrorCode::WindowClosed;
        self.settle(call, Outcome::Error(error));
        if page_gone {
            let call = call.key();
            self.tell_jobs(JobEvent::Left { call, job });
            self.release(call);
        } else {
            self.cancel(job);
        }
    }

    /// Copies to an attached call whether the code of the job has started.
    fn begin_with(&self, call: &Call, job: CallKey) {
        if self.call(job).is_some_and(|job| job.begun()) {
            call.begin();
        }
    }

    pub(crate) fn job_ended(self: &Arc<Self>, call: &Call) {
        let outcome = call.outcome();
        self.tell_jobs(JobEvent::Ended {
            job: call.key(),
            state: outcome.as_ref().map_or(JobState::Failed, state_of),
            size: outcome.as_ref().map_or(0, Outcome::size),
            now: self.now(),
        });
    }

    pub(crate) fn job_released(self: &Arc<Self>, job: CallKey) {
        let now = self.now();
        self.tell_jobs(JobEvent::Released { job, now });
    }

    /// The calls that wait for a job.
    pub(crate) fn attached(&self, job: CallKey) -> Vec<Arc<Call>> {
        let attached = self.jobs.look(|jobs| jobs.attached(job));
        attached
            .into_iter()
            .filter_map(|it| self.call(it))
            .collect()
    }

    pub(crate) fn job_progress(&self, job: &Call, progress: &Progress) {
        for call in self.attached(job.key()) {
            self.page.progress(&call, progress);
        }
    }
}

/// What the call says of itself as a job. `None`: it is no job.
fn job_info(call: &Call) -> Option<JobInfo> {
    call.is_job().then(|| info_of(call))
}

/// What can be seen of a call that is a job, or becomes one.
pub(crate) fn info_of(call: &Call) -> JobInfo {
    JobInfo {
        id: call.key(),
        command: call.request.command.clone(),
        window: call.request.window.clone(),
        state: call.outcome().as_ref().map_or(JobState::Running, state_of),
    }
}

fn state_of(outcome: &Outcome) -> JobState {
    match outcome {
        Outcome::Error(error) if error.code == ErrorCode::Aborted => JobState::Cancelled,
        Outcome::Error(_) => JobState::Failed,
        Outcome::Json(_) | Outcome::Raw(_) => JobState::Finished,
    }
}

fn since_1970(call: &Call) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let at = now
        .unwrap_or_default()
        .saturating_sub(call.accepted.elapsed());
    u64::try_from(at.as_millis()).unwrap_or(u64::MAX)
}

impl Interpret<JobsMachine> for System {
    contain_panics!();

    fn restart(self: &Arc<Self>, actor: &Actor<JobsMachine>, failure: &Failure) -> Vec<JobEffect> {
        self.restart_jobs(actor, failure)
    }

    fn carry_out(self: &Arc<Self>, effect: JobEffect) {
        match effect {
            JobEffect::Refuse { call, error } => self.refuse_admitted(call, error),
            JobEffect::Join { call, job } => {
                if let (Some(call), Some(job)) = (self.call(call), self.call(job))
                    && let Some(progress) = job.progress()
                {
                    self.page.progress(&call, &progress);
                }
            }
            JobEffect::Answer { call, job } => {
                if let (Some(call), Some(job)) = (self.call(call), self.call(job))
                    && let Some(outcome) = job.outcome()
                {
                    self.settle(&call, outcome);
                }
            }
            JobEffect::Release { call, job } => {
                if let (Some(call), Some(job)) = (self.call(call), self.call(job)) {
                    self.end(&call, job.how_it_ended());
                }
                self.release(call);
            }
            JobEffect::Shed { job, error } => {
                if let Some(job) = self.call(job) {
                    job.shed(error);
                }
            }
            JobEffect::Drop { job } => {
                if self.call(job).is_some_and(|job| job.mark_dropped()) {
                    self.calls.remove(&job);
                }
            }
            JobEffect::Wake { at } => {
                let system = Arc::downgrade(self);
                let rest = Duration::from_millis(at.saturating_sub(self.now()));
                self.after(rest, move || {
                    if let Some(system) = system.upgrade() {
                        let now = system.now();
                        system.tell_jobs(JobEvent::Tick { now });
                    }
                });
            }
        }
    }
}
