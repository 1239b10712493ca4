//! Defines the events and effects of the window actor.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::scope::Scope;
use crate::actors::ids::{CallKey, Epoch, Name, Origin, PageCall, Released, Ticket, WindowKey};
use crate::error::CallError;

/// What can happen to a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum WindowEvent {
    /// A document's first frame.
    Hello {
        ticket: Ticket,
        epoch: Epoch,
        origin: Origin,
    },
    /// A call asks to be admitted.
    Admit {
        call: CallKey,
        page: PageCall,
        command: Name,
        /// Whether the call outlives its page.
        detach: bool,
        scope: Arc<Scope>,
    },
    /// The page gave these calls up.
    Cancel { epoch: Epoch, ids: Vec<u64> },
    /// The app gave a call up, or its deadline passed.
    Revoke { call: CallKey, error: CallError },
    /// A call was answered, and its work goes on.
    Settled { call: CallKey },
    /// The document `asker` asks how the work of a call ended. The call is its own, or belongs to
    /// an earlier document that was restored as this one.
    Watch {
        ticket: Ticket,
        asker: Epoch,
        page: PageCall,
    },
    /// A call's work ended, and its place is free.
    Released { call: CallKey, how: Released },
    /// Another window of this label opened. Calls of earlier windows that still run count against
    /// it, so that reopening a window is no way round a limit.
    Opened { generation: u64 },
    /// Another document begins.
    PageStarted,
    /// The window was closed.
    Closed,
}

/// What a window asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum WindowEffect {
    /// Bind the document and answer its hello.
    Welcome {
        label: Name,
        ticket: Ticket,
        epoch: Epoch,
    },
    /// Answer a hello with an error.
    Unwelcome { ticket: Ticket, error: CallError },
    /// The document must not be served any more.
    Retire { label: Name, epoch: Epoch },
    /// Ask the page's client to say hello as another document, because the host has forgotten this
    /// one.
    BeginAnew { label: Name, epoch: Epoch },
    /// Pass an admitted call to its command.
    Request { call: CallKey, command: Name },
    /// Answer a call with an error; it never ran.
    Refuse { call: CallKey, error: CallError },
    /// `call` is a repeat of the live call `to`.
    Attach { call: CallKey, to: CallKey },
    /// `call` is a repeat of the settled call `of`.
    Replay { call: CallKey, of: CallKey },
    /// The answer of `call` need not be kept any more.
    Forget { call: CallKey },
    /// Tell the asker how the call's work ends, when it does.
    Watch { ticket: Ticket, call: CallKey },
    /// Tell the asker how the call's work ended.
    Ended {
        ticket: Ticket,
        how: Result<Released, CallError>,
    },
    /// Its page is gone: answer the call, and let its work go on as a job.
    Detach { call: CallKey },
    /// Answer these calls with this error now, and stop their work.
    Cancel {
        calls: Vec<CallKey>,
        error: CallError,
    },
    /// Ask the supervisor whether the window is open.
    AskOpening { label: Name },
    /// The window is closed, and none of its calls runs any more.
    Empty { window: WindowKey },
}
