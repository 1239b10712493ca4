//! Guards a call while a transport runs it: dropping the guard ends the work of the call.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::page_link::{NoChannel, PageChannel, PageLink};
use crate::actors::{
    backlog::{
        message::{ChannelMessage, Receipt},
        outgoing::Outgoing,
    },
    call::{
        cell::Call,
        request::{Body, Outcome, Progress},
        stage::CallStage,
    },
    ids::{CallKey, Name},
    limits::SMALL_BODY,
};
use crate::error::{CallError, ErrorCode};

/// What a guard needs of the system. It is a trait because the system owns the transports, and
/// these own the guards.
pub(crate) trait CallKeeper: fmt::Debug + Send + Sync {
    /// Notes that an executor took a call.
    fn taken_on(&self, call: &Call, executor: &Name);

    /// Notes that a body of more than [`SMALL_BODY`] bytes was taken.
    fn body_taken(self: Arc<Self>, call: CallKey);

    /// Settles a call whose work goes on.
    fn settle(self: Arc<Self>, call: &Arc<Call>, outcome: Outcome);

    /// Settles a call whose work ends with it. `end` ends the work, and does so once.
    fn settle_and_end(self: Arc<Self>, call: &Arc<Call>, outcome: Outcome, end: &mut dyn FnMut());

    /// Sends the progress of a job to the calls that are attached to it.
    fn job_progress(&self, job: &Call, progress: &Progress);

    /// Notes that the call's work has ended.
    fn finished(self: Arc<Self>, call: CallKey, executor: &str);

    /// The link to the pages.
    fn page(&self) -> &dyn PageLink;
}

/// A started call in the hands of a transport. When it is dropped, the call's work has ended.
#[derive(Debug)]
pub struct CallGuard {
    keeper: Arc<dyn CallKeeper>,
    executor: Name,
    call: Arc<Call>,
    channels: CallChannels,
}

/// The channels that a call has opened. They last as long as its work: it may drop one and open it
/// again.
#[derive(Default)]
struct CallChannels(Mutex<HashMap<u32, Arc<dyn PageChannel>>>);

impl CallChannels {
    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Arc<dyn PageChannel>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CallChannels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channels").finish_non_exhaustive()
    }
}

impl CallGuard {
    pub(crate) fn new(keeper: Arc<dyn CallKeeper>, executor: Name, call: Arc<Call>) -> Self {
        let guard = Self {
            keeper,
            executor,
            call,
            channels: CallChannels::default(),
        };
        guard.call.stage.reach(CallStage::Started);
        guard.keeper.taken_on(&guard.call, &guard.executor);
        guard
    }

    /// The call.
    pub fn call(&self) -> &Arc<Call> {
        &self.call
    }

    /// Takes the body, once. It does not count as waiting any more.
    pub fn take_body(&self) -> Body {
        let body = self.call.take_body();
        if body.size() > SMALL_BODY {
            let call = self.call.key();
            Arc::clone(&self.keeper).body_taken(call);
        }
        body
    }

    /// Marks that user code is about to run, and drops a body that nobody took. False: it must not
    /// run.
    pub fn begin(&self) -> bool {
        let begins = self.call.begin();
        if begins {
            self.take_body();
        }
        begins
    }

    /// Answers the call, if nobody has. A stream is answered when the page has all its items. The
    /// code `aborted` means that a cancel stopped the work; every other outcome means that it ran
    /// to its end.
    pub fn settle(&self, outcome: Outcome) {
        self.mark_ran(&outcome);
        if let Some(outcome) = self.call.finish(outcome) {
            Arc::clone(&self.keeper).settle(&self.call, outcome);
        }
    }

    /// Answers the call, and ends the work.
    pub fn end(self, outcome: Outcome) {
        self.last_word(outcome).say(|| drop(self));
    }

    /// Prepares the outcome of work that is about to end.
    pub fn last_word(&self, outcome: Outcome) -> LastWord {
        self.mark_ran(&outcome);
        LastWord {
            keeper: Arc::clone(&self.keeper),
            call: Arc::clone(&self.call),
            outcome: self.call.finish(outcome),
        }
    }

    fn mark_ran(&self, outcome: &Outcome) {
        if !matches!(outcome, Outcome::Error(error) if error.code == ErrorCode::Aborted) {
            self.call.mark_ran();
        }
    }

    /// Marks that the work ended with the process that it ran in.
    pub fn mark_killed(&self) {
        self.call.mark_killed();
    }

    /// Opens a channel of the page in the calling window.
    pub fn open_channel(&self, number: u32) -> Result<Arc<dyn PageChannel>, NoChannel> {
        let mut channels = self.channels.lock();
        let lost = has_lost_its_page(&self.call);
        if let Some(channel) = channels.get(&number).filter(|_| !lost) {
            return Ok(Arc::clone(channel));
        }
        let channel = match self.keeper.page().open_channel(&self.call, number) {
            Ok(channel) => Some(channel),
            Err(NoChannel::Gone) if !lost => None,
            Err(reason) => return Err(reason),
        };
        let call = Arc::clone(&self.call);
        let channel: Arc<dyn PageChannel> = Arc::new(CallChannel { call, channel });
        channels.insert(number, Arc::clone(&channel));
        Ok(channel)
    }

    /// Sends an event to the calling window. False: it is gone.
    pub fn emit(&self, event: &str, payload: &str) -> bool {
        self.keeper.page().emit(&self.call, event, payload) || !has_lost_its_page(&self.call)
    }

    /// Drops the receipt once the page has run everything that this call has sent it.
    pub fn confirm(&self, receipt: Receipt) {
        self.keeper.page().confirm(&self.call, receipt);
    }

    /// Sends progress to the page, and keeps it for `calls()`.
    pub fn progress(&self, progress: Progress) {
        if !self.call.is_settled() {
            self.keeper.page().progress(&self.call, &progress);
            if self.call.is_job() {
                self.keeper.job_progress(&self.call, &progress);
            }
            self.call.set_progress(progress);
        }
    }
}

/// A channel that a call has opened.
struct CallChannel {
    call: Arc<Call>,
    /// `None`: the window was gone before the call heard of it.
    channel: Option<Arc<dyn PageChannel>>,
}

impl PageChannel for CallChannel {
    fn outgoing(&self) -> Option<&Arc<Outgoing>> {
        self.channel.as_ref()?.outgoing()
    }

    fn send(&self, message: ChannelMessage) -> bool {
        let channel = self.channel.as_ref();
        channel.is_some_and(|channel| channel.send(message)) || !has_lost_its_page(&self.call)
    }
}

/// Whether the call has heard that its page went, which may be later than the window's end. A call
/// that learnt of it earlier, and ended for that reason, would never become a job.
fn has_lost_its_page(call: &Call) -> bool {
    call.is_job() || call.is_settled()
}

/// The outcome of work that is about to end; made by [`CallGuard::last_word`].
#[derive(Debug)]
pub struct LastWord {
    keeper: Arc<dyn CallKeeper>,
    call: Arc<Call>,
    /// `None`: the page does not have all items of the stream yet, and gets the outcome after them.
    outcome: Option<Outcome>,
}

impl LastWord {
    /// Ends the work by `end`, then answers the call, so that its places are free before the page
    /// hears.
    pub fn say(self, end: impl FnOnce()) {
        let Some(outcome) = self.outcome else {
            return end();
        };
        let mut end = Some(end);
        let mut end = || {
            if let Some(end) = end.take() {
                end();
            }
        };
        self.keeper.settle_and_end(&self.call, outcome, &mut end);
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        if !self.call.has_outcome() {
            let error = if self.call.is_cancelled() {
                CallError::aborted()
            } else {
                CallError::internal("the executor gave the call up without an answer")
            };
            if let Some(outcome) = self.call.finish(Outcome::Error(error)) {
                let keeper = Arc::clone(&self.keeper);
                keeper.settle_and_end(&self.call, outcome, &mut || {});
            }
        }
        self.call.stage.reach(CallStage::Over);
        let call = self.call.key();
        Arc::clone(&self.keeper).finished(call, &self.executor);
    }
}
