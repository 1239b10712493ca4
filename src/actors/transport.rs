//! What the actors need of the world: something that runs calls, and something that reaches pages.

use std::sync::Arc;

use super::{
    call::Call,
    executor::ExecutorEvent,
    keys::KeySource,
    message::{Epoch, Name, Released, Ticket},
    request::{Body, Outcome, Progress},
    supervisor::SupervisorEvent,
    system::System,
};
use crate::error::{CallError, ErrorCode};

/// What runs the calls of an executor: a portal, threads, later a process.
///
/// All of it is called from whichever thread brought the message, the UI's included: nothing here
/// may block, wait for another thread, or run user code.
pub trait Transport: Send + Sync {
    /// Runs a call. Dropping the guard ends it in any case.
    fn start(&self, call: CallGuard);

    /// Asks a started call to stop.
    fn stop_call(&self, call: &Arc<Call>);

    /// Nothing new will come; what was started is told to stop after this.
    fn drain(&self) {}

    /// Nothing runs and nothing will come.
    fn stop(&self);

    /// What else it reads out of the bodies of a command's calls, to choose where they run.
    fn key_source(&self, _command: &str) -> KeySource {
        KeySource::App
    }

    /// How many of the started calls wait here.
    fn waiting(&self) -> usize {
        0
    }
}

/// What the page side does for the actors.
pub trait PageLink: Send + Sync {
    /// Answers a `hello`.
    fn answer(&self, ticket: Ticket, answer: Result<(), CallError>);

    /// Answers who asked how a call's work ended.
    fn released(&self, ticket: Ticket, answer: Result<Released, CallError>);

    /// A document may be served.
    fn welcome(&self, label: &str, epoch: Epoch);

    /// Ends what waits for a document.
    fn retire(&self, label: &str, epoch: Epoch);

    /// Brings progress to the page.
    fn progress(&self, call: &Call, progress: &Progress);

    /// Opens a channel of the page in the window that called, by its number there. `None`: that
    /// window is gone.
    fn open_channel(&self, call: &Call, number: u32) -> Option<Box<dyn PageChannel>>;

    /// Sends an event to the page in the window that called, never waits. `payload` is JSON text.
    /// False: that window is gone.
    fn emit(&self, call: &Call, event: &str, payload: &str) -> bool;

    /// Drops the receipt once the page in the window that called has run what was sent before, or
    /// nobody can tell: later on another thread, or at once on this one.
    fn confirm(&self, call: &Call, receipt: Receipt);
}

/// A message for a channel of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelMessage {
    /// JSON text.
    Json(String),
    /// Bytes.
    Raw(Vec<u8>),
}

impl ChannelMessage {
    /// In bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Raw(bytes) => bytes.len(),
        }
    }
}

/// What is dropped when a page has come so far.
pub type Receipt = Box<dyn Send>;

/// A channel that a page has opened: messages in order. Dropping it ends it on the page.
pub trait PageChannel: Send + Sync {
    /// Sends a message, never waits. False: the window is gone.
    fn send(&self, message: ChannelMessage) -> bool;
}

/// A started call in the hands of a transport. When it is dropped the call's work has ended.
#[derive(Debug)]
pub struct CallGuard {
    system: Arc<System>,
    executor: Name,
    call: Arc<Call>,
}

impl CallGuard {
    pub(super) fn new(system: &Arc<System>, executor: Name, call: Arc<Call>) -> Self {
        let guard = Self {
            system: Arc::clone(system),
            executor,
            call,
        };
        // Last: it tells a subscriber, and when that panics the guard answers the call.
        guard.call.timing.take_on(&guard.executor);
        guard
    }

    /// The call.
    pub fn call(&self) -> &Arc<Call> {
        &self.call
    }

    /// The body, once: it waits no more.
    pub fn take_body(&self) -> Body {
        let body = self.call.take_body();
        if body.size() > 0 {
            let call = self.call.key();
            self.system.tell(SupervisorEvent::Started { call });
        }
        body
    }

    /// Marks that user code is about to run; a body that nobody took goes. False: it must not.
    pub fn begin(&self) -> bool {
        let begins = self.call.begin();
        if begins {
            self.take_body();
        }
        begins
    }

    /// Answers the call, if nobody has: a stream when the page has all its items. The code
    /// `aborted` says that a cancel stopped the work, every other outcome that it came to its end.
    pub fn settle(&self, outcome: Outcome) {
        self.mark_ran(&outcome);
        self.answer(outcome);
    }

    /// The same, and the work has ended.
    pub fn end(self, outcome: Outcome) {
        self.last_word(outcome).say(|| drop(self));
    }

    /// The outcome of work that is about to end.
    pub fn last_word(&self, outcome: Outcome) -> LastWord {
        self.mark_ran(&outcome);
        LastWord {
            system: Arc::clone(&self.system),
            call: Arc::clone(&self.call),
            outcome: self.call.finish(outcome),
        }
    }

    fn mark_ran(&self, outcome: &Outcome) {
        if !matches!(outcome, Outcome::Error(error) if error.code == ErrorCode::Aborted) {
            self.call.mark_ran();
        }
    }

    fn answer(&self, outcome: Outcome) {
        if let Some(outcome) = self.call.finish(outcome) {
            self.system.settle(&self.call, outcome);
        }
    }

    /// Says that the work ended with the process that it ran in.
    pub fn mark_killed(&self) {
        self.call.mark_killed();
    }

    /// Opens a channel of the page in the window that called. `None`: that window is gone.
    pub fn open_channel(&self, number: u32) -> Option<Box<dyn PageChannel>> {
        let channel = self.system.page.open_channel(&self.call, number);
        let lost = channel.is_none() && has_lost_its_page(&self.call);
        (!lost).then(|| {
            let call = Arc::clone(&self.call);
            Box::new(CallChannel { call, channel }) as _
        })
    }

    /// Sends an event to the window that called. False: it is gone.
    pub fn emit(&self, event: &str, payload: &str) -> bool {
        self.system.page.emit(&self.call, event, payload) || !has_lost_its_page(&self.call)
    }

    /// Drops the receipt once the page has run what this call has sent it.
    pub fn confirm(&self, receipt: Receipt) {
        self.system.page.confirm(&self.call, receipt);
    }

    /// Brings progress to the page and to `calls()`.
    pub fn progress(&self, progress: Progress) {
        if !self.call.is_settled() {
            self.system.page.progress(&self.call, &progress);
            if self.call.is_job() {
                self.system.job_progress(&self.call, &progress);
            }
            self.call.set_progress(progress);
        }
    }
}

/// A channel that a call has opened.
struct CallChannel {
    call: Arc<Call>,
    /// `None`: its window was gone, and the call had not heard of it.
    channel: Option<Box<dyn PageChannel>>,
}

impl PageChannel for CallChannel {
    fn send(&self, message: ChannelMessage) -> bool {
        let channel = self.channel.as_ref();
        channel.is_some_and(|channel| channel.send(message)) || !has_lost_its_page(&self.call)
    }
}

/// Whether the call has heard that its page went, which may be later than the window's end. A call
/// that learnt of it before, and came to its end for that, would never become a job.
fn has_lost_its_page(call: &Call) -> bool {
    call.is_job() || call.is_settled()
}

/// See [`CallGuard::last_word`].
#[derive(Debug)]
pub struct LastWord {
    system: Arc<System>,
    call: Arc<Call>,
    /// `None`: the page has not all items of the stream, and hears behind them.
    outcome: Option<Outcome>,
}

impl LastWord {
    /// Ends the work by `end`, and answers the call: its places are free before the page hears.
    pub fn say(self, end: impl FnOnce()) {
        match self.outcome {
            Some(outcome) => self.system.settle_and_end(&self.call, outcome, end),
            None => end(),
        }
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
            self.answer(Outcome::Error(error));
        }
        let call = self.call.key();
        self.system
            .tell_executor(&self.executor, ExecutorEvent::Finished { call });
    }
}
