//! Holds what waits for a page or is waited for by it: pulls, hellos, watchers, and page calls.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use crate::{
    actors::{Epoch, Name, Released},
    error::CallError,
    ipc::outbox::{Down, Outbox},
};

/// Answers a hello.
pub(in crate::ipc) type HelloAnswer = Box<dyn FnOnce(Result<(), CallError>) + Send>;
/// Answers the question how a call's work ended.
pub(in crate::ipc) type ReleaseAnswer = Box<dyn FnOnce(Result<Released, CallError>) + Send>;
/// Answers a pull.
pub(super) type AnswerPull = Box<dyn FnOnce(Result<Vec<Down>, CallError>) + Send>;
/// The result of a page's function: JSON text.
pub type PageCallResult = Result<String, PageCallError>;
pub(super) type PageCallAnswer = Box<dyn FnOnce(PageCallResult) + Send>;

/// Why a page's function gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageCallError {
    /// It threw. The JSON text is an object with the error's `name` and `message`. They may hold
    /// lone surrogates, which a Rust string cannot.
    Thrown(String),
    /// The page or window went away.
    Closed,
    /// Too many calls wait for this page.
    Overloaded,
}

pub(super) struct WaitingPull {
    pub(super) since: Instant,
    pub(super) answer: AnswerPull,
}

pub(super) type SharedOutbox = Arc<Mutex<Outbox<WaitingPull>>>;

pub(super) struct WaitingCall {
    pub(super) label: Name,
    pub(super) answer: Mutex<PageCallAnswer>,
}

impl WaitingCall {
    pub(super) fn answer(self, result: PageCallResult) {
        let answer = self.answer.into_inner();
        answer.unwrap_or_else(PoisonError::into_inner)(result);
    }
}

/// A document that waits for the end of a call's work.
pub(super) struct Watcher {
    pub(super) label: Name,
    pub(super) epoch: Epoch,
    pub(super) answer: Mutex<ReleaseAnswer>,
}

pub(super) fn with<T>(
    outbox: &Mutex<Outbox<WaitingPull>>,
    act: impl FnOnce(&mut Outbox<WaitingPull>) -> T,
) -> T {
    act(&mut outbox.lock().unwrap_or_else(PoisonError::into_inner))
}

pub(super) fn answer_pull(pull: Option<(WaitingPull, Vec<Down>)>) {
    if let Some((pull, frames)) = pull {
        (pull.answer)(Ok(frames));
    }
}
