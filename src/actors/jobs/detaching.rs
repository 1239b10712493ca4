//! Keeps calls running as jobs after their page has gone, and lets other calls attach to them.

use std::{sync::Arc, time::SystemTime};

use serde::Serialize;

use super::machine::{JobEffect, JobEvent, JobState, JobsMachine};
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
use crate::{
    error::{CallError, ErrorCode},
    sync::clock,
};

/// A job as a page sees it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    id: CallKey,
    command: Name,
    /// The label of the window that called.
    window: Name,
    state: JobState,
    progress: Option<Progress>,
    /// When the call was accepted: milliseconds since 1970.
    started_at: u64,
}

impl System {
    /// The jobs that a window may see, oldest first. The calls say which they are: a call is a job
    /// as soon as its page has gone, and until its outcome is dropped.
    pub fn jobs_for(&self, window: &str, scope: &Scope) -> Vec<Job> {
        let seen = self.calls.iter();
        let seen = seen.filter(|call| is_visible(call, window, scope));
        let mut jobs: Vec<Arc<Call>> = seen.map(|call| Arc::clone(&call)).collect();
        jobs.sort_unstable_by_key(|call| call.key());
        let job = |call: Arc<Call>| Job {
            id: call.key(),
            command: call.request.command.clone(),
            window: call.request.window.clone(),
            state: self.job_state(&call),
            progress: call.progress(),
            started_at: since_1970(&call),
        };
        jobs.into_iter().map(job).collect()
    }

    /// How far a job has come. One whose result was too large to keep has finished: only the jobs'
    /// actor knows that.
    fn job_state(&self, job: &Call) -> JobState {
        let heard = self.jobs.look(|jobs| jobs.state(job.key()));
        match heard.unwrap_or_else(|| state_of(job)) {
            JobState::Running if !job.begun() => JobState::Queued,
            state => state,
        }
    }

    /// The command of a job, if the window may see it.
    pub fn job_for(&self, window: &str, scope: &Scope, job: CallKey) -> Option<Name> {
        let call = self.call(job)?;
        is_visible(&call, window, scope).then(|| call.request.command.clone())
    }

    /// The jobs whose work has not ended, oldest first. This includes calls of windows that
    /// `is_open` denies, which will outlive their page but of which the actors have not heard yet.
    pub fn running_jobs(&self, is_open: impl Fn(&str) -> bool) -> Vec<Arc<Call>> {
        let mut calls = self.calls();
        calls.retain(|call| self.is_detached(call, &is_open));
        calls
    }

    /// Whether a call is one of [`Self::running_jobs`], if its work has not ended.
    pub fn is_detached(&self, call: &Call, is_open: impl Fn(&str) -> bool) -> bool {
        call.is_job() || (self.can_become_job(call) && !is_open(&call.request.window))
    }

    fn can_become_job(&self, call: &Call) -> bool {
        let command = &call.request.command;
        let detaches = || self.supervisor.look(|it| it.detaches(command));
        !call.is_settled() && call.items().is_none() && detaches()
    }

    pub(crate) fn tell_jobs(self: &Arc<Self>, event: JobEvent) {
        self.jobs.send(self, event);
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
        self.tell_jobs(JobEvent::Detached { job: key });
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
            state: outcome.as_ref().map_or(JobState::Failed, state_with),
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

/// Whether a window with this `scope` sees the call as a job: it sees its own jobs, and those of
/// windows that it may reach, if it may call their commands.
fn is_visible(job: &Call, window: &str, scope: &Scope) -> bool {
    let (of, command) = (&job.request.window, &job.request.command);
    let reaches = &**of == window || scope.allows_window(of);
    job.is_job() && reaches && scope.allows_command(command)
}

/// How far a call has come that is a job, or becomes one.
pub(crate) fn state_of(call: &Call) -> JobState {
    match call.outcome() {
        Some(outcome) => state_with(&outcome),
        None => JobState::Running,
    }
}

fn state_with(outcome: &Outcome) -> JobState {
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
        .saturating_sub(clock::since(call.accepted));
    u64::try_from(at.as_millis()).unwrap_or(u64::MAX)
}

impl Interpret<JobsMachine> for System {
    contain_panics!();

    fn restart(self: &Arc<Self>, actor: &Actor<JobsMachine>, failure: &Failure) -> Vec<JobEffect> {
        self.restart_jobs(actor, failure)
    }

    fn stamp(&self, event: JobEvent) -> JobEvent {
        match event {
            JobEvent::Tick { .. } => JobEvent::Tick { now: self.now() },
            event => event,
        }
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
                if let Some(moment) = self.moment(at) {
                    self.jobs.wake(moment, JobEvent::Tick { now: at });
                }
            }
        }
    }
}
