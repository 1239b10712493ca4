//! Calls that come as script messages of the webview: small ones, in a third of the time of a
//! request.
//!
//! Tauri sees no message and lets none through. So messages are taken only from a document that
//! has said hello and whose calls Tauri has let through before, both by request: its epoch, which
//! nobody else knows, is its ticket, and what it may do is what Tauri said then.

use std::sync::Arc;

use dashmap::{DashMap, DashSet};
use serde_json::{Value, json};
use tauri::{
    http::HeaderMap,
    ipc::{InvokeBody, InvokeError, InvokeResponseBody},
};

use super::{
    bridge::Bridge,
    frame::{CallHead, Control},
    handler::{self, Frame},
    reply::{self, AfterAnswer, Answer},
};
use crate::{
    actors::{Epoch, Name, Origin, Scope},
    error::{CallError, ErrorCode},
};

/// How long the body of a message may be, in UTF-16 units: with longer ones a request costs as
/// little.
const LIMIT: usize = 4096;
/// In bytes. Nobody who keeps to the limit comes near it.
const MAX_MESSAGE: usize = 32 * 1024;

/// The answer that sends a call back, to come as a request.
pub(crate) const BY_REQUEST: &str = "2";

/// The answers to calls that had not started, or had, when their page went. Hardly ever is somebody
/// there to hear them, and JavaScript makes no string for a single character: each longer one stays
/// in the host's heap until WebKit collects it.
const GONE: [&str; 2] = ["3", "4"];

/// Answers a message: once, from any thread.
pub(crate) type Reply = Box<dyn FnOnce(String) + Send>;

/// The document of a window, once it has said hello.
struct Document {
    epoch: Epoch,
    /// Known once Tauri has let a call through.
    scope: Option<Arc<Scope>>,
}

/// Who may send what as messages.
#[derive(Default)]
pub(crate) struct Messages {
    /// Webviews that carry them.
    webviews: DashSet<Name>,
    /// Commands whose calls need nothing that only a request has.
    commands: DashSet<Name>,
    documents: DashMap<Name, Document>,
}

impl Messages {
    /// This webview carries messages.
    pub(crate) fn carried_by(&self, label: &str) {
        self.webviews.insert(label.into());
    }

    /// The window is gone, its webview with it.
    pub(crate) fn gone(&self, label: &str) {
        self.webviews.remove(label);
        self.documents.remove(label);
    }

    /// Whether a command's calls may come as messages.
    pub(crate) fn admit(&self, command: &str, may: bool) {
        if may {
            self.commands.insert(command.into());
        } else {
            self.commands.remove(command);
        }
    }

    /// A document said hello. How long the bodies of its messages may be; `None`: it may send none.
    pub(super) fn open(&self, label: &str, epoch: Epoch, origin: &Origin) -> Option<usize> {
        let may = *origin == Origin::Local && self.webviews.contains(label);
        if may && !self.knows(label, epoch) {
            let document = Document { epoch, scope: None };
            self.documents.insert(label.into(), document);
        }
        may.then_some(LIMIT)
    }

    /// Tauri let a call of the document through.
    pub(crate) fn let_through(&self, label: &str, epoch: Epoch, scope: &Arc<Scope>) {
        if let Some(mut document) = self.documents.get_mut(label)
            && document.epoch == epoch
        {
            document.scope = Some(Arc::clone(scope));
        }
    }

    /// The document is no more.
    pub(super) fn retire(&self, label: &str, epoch: Epoch) {
        self.documents
            .remove_if(label, |_, document| document.epoch == epoch);
    }

    fn knows(&self, label: &str, epoch: Epoch) -> bool {
        self.documents
            .get(label)
            .is_some_and(|document| document.epoch == epoch)
    }

    fn scope(&self, label: &str, epoch: Epoch) -> Option<Arc<Scope>> {
        let document = self.documents.get(label)?;
        let scope = document.scope.as_ref()?;
        (document.epoch == epoch).then(|| Arc::clone(scope))
    }
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages")
            .field("documents", &self.documents.len())
            .finish_non_exhaustive()
    }
}

/// Takes a message from the webview `label`: `c`, a call's head, a line break and its JSON; or `x`
/// and a cancel.
pub(crate) fn receive(bridge: &Bridge, label: &str, text: &str, reply: Reply, after: AfterAnswer) {
    let reject =
        |reply: Reply, error: &CallError| reply(rejection(&reply::error(error, "", label)));
    let Some(system) = bridge.system() else {
        return reject(reply, &CallError::shutting_down());
    };
    let refuse = |reply: Reply, error: &CallError| {
        system.note_refused_frame(label, "", error);
        reject(reply, error);
    };
    if text.len() > MAX_MESSAGE {
        let text = format!("a message is longer than {MAX_MESSAGE} bytes");
        return refuse(reply, &CallError::protocol(text));
    }
    if let Some(frame) = text.strip_prefix('x') {
        return match Control::parse(frame) {
            Ok(Control::Cancel { epoch, id, and })
                if bridge.messages.scope(label, epoch).is_some()
                    && handler::cancel(&system, label, epoch, id, &and) =>
            {
                reply("0null".into());
            }
            Ok(_) => refuse(reply, &super::bridge::not_current()),
            Err(error) => refuse(reply, &error),
        };
    }
    let parts = text.strip_prefix('c').and_then(|it| it.split_once('\n'));
    let Some((head, body)) = parts else {
        return refuse(
            reply,
            &CallError::protocol("a message is a call or a cancel"),
        );
    };
    let head = match CallHead::decode(Some(head.as_bytes())) {
        Ok(head) => head,
        Err(error) => return refuse(reply, &error.with("started", false)),
    };
    let scope = bridge.messages.scope(label, head.epoch);
    let (Some(scope), true) = (scope, bridge.messages.commands.contains(&*head.command)) else {
        return reply(BY_REQUEST.into());
    };
    let frame = Frame {
        window: label,
        headers: &HeaderMap::new(),
        payload: &InvokeBody::Raw(body.into()),
        answer: answer_to(head.epoch, reply),
        after,
    };
    handler::take(&system, frame, head, scope);
}

/// What answers by `reply`. Bytes are written as where no request is: `epoch` is their mark.
fn answer_to(epoch: Epoch, reply: Reply) -> Answer {
    Box::new(move |answer: Result<InvokeResponseBody, InvokeError>| {
        let text = answer.and_then(|answer| match answer {
            InvokeResponseBody::Json(text) => Ok(text),
            InvokeResponseBody::Raw(bytes) => reply::bytes_as_json(epoch, bytes),
        });
        reply(match text {
            Ok(text) => format!("0{text}"),
            Err(error) => rejection(&error),
        });
    })
}

fn rejection(InvokeError(error): &InvokeError) -> String {
    match started_when_gone(error) {
        Some(started) => GONE[usize::from(started)].into(),
        None => format!("1{error}"),
    }
}

/// Whether the call had started, where the error says that its page is gone and no more.
fn started_when_gone(error: &Value) -> Option<bool> {
    let gone = error["code"] == json!(ErrorCode::WindowClosed);
    let details = error["details"].as_object()?;
    let started = details.get("started")?.as_bool()?;
    (gone && details.len() == 1).then_some(started)
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
