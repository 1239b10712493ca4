//! Defines the traits by which the actors reach pages: answers, progress, events and channels.

use std::{collections::BTreeMap, sync::Arc};

use crate::actors::{
    backlog::{
        amount::Amount,
        message::{ChannelMessage, Receipt},
        outgoing::Outgoing,
    },
    call::{cell::Call, request::Progress},
    ids::{Epoch, Released, Ticket},
};
use crate::error::CallError;

/// What the actors need of the wire to pages.
pub trait PageLink: Send + Sync {
    /// Answers a `hello`.
    fn answer(&self, ticket: Ticket, answer: Result<(), CallError>);

    /// Answers the question how a call's work ended.
    fn released(&self, ticket: Ticket, answer: Result<Released, CallError>);

    /// Notes that a document may be served.
    fn welcome(&self, label: &str, epoch: Epoch);

    /// Ends everything that waits for a document.
    fn retire(&self, label: &str, epoch: Epoch);

    /// Asks the page's client to say hello as another document, and to give up what this one waits
    /// for.
    fn begin_anew(&self, label: &str, epoch: Epoch);

    /// Sends progress to the page.
    fn progress(&self, call: &Call, progress: &Progress);

    /// Opens the channel with this number on the page of the calling window. All who open it have
    /// the same one.
    fn open_channel(&self, call: &Call, number: u32) -> Result<Arc<dyn PageChannel>, NoChannel>;

    /// Sends an event to the page of the calling window, without waiting: the sender keeps its own
    /// count of what it may send. `payload` is JSON text. False: that window is gone.
    fn emit(&self, call: &Call, event: &str, payload: &str) -> bool;

    /// Drops the receipt once the page of the calling window has run what was sent before, or when
    /// that cannot be known. It is dropped later on another thread, or at once on this one.
    fn confirm(&self, call: &Call, receipt: Receipt);

    /// How much is in transit to each page, by the label of its window.
    fn backlogs(&self) -> BTreeMap<String, Amount>;
}

/// Why a channel cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoChannel {
    /// Its window is gone.
    Gone,
    /// It was open, and has ended on its page.
    Ended,
}

/// A channel that a page has opened. Its messages keep their order. Dropping it ends it on the
/// page.
pub trait PageChannel: Send + Sync {
    /// The backlog that limits its messages. `None`: the page takes each one at once, or is gone.
    fn outgoing(&self) -> Option<&Arc<Outgoing>>;

    /// Sends a message that has room, without waiting. False: the window is gone.
    fn send(&self, message: ChannelMessage) -> bool;
}
