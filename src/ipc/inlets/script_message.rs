//! Converts WebKit script messages into frames, and sends their replies.

use std::sync::Arc;

use serde_json::{Value, json};
use tauri::{
    http::HeaderMap,
    ipc::{InvokeBody, InvokeError, InvokeResponseBody},
};

use crate::{
    actors::{Epoch, System},
    error::{CallError, ErrorCode},
    ipc::{
        bridge::Bridge,
        frame::{CallHead, Control},
        handler::{self, PageFrame},
        inlets::messages::LIMIT,
        reply::{self, AfterAnswer, ReplyCallback},
    },
};

/// The largest accepted message, in bytes: a body of three bytes a unit, and room for its head. No
/// page that keeps to the limit comes near it.
const MAX_MESSAGE: usize = 3 * LIMIT + 16 * 1024;

/// The reply that asks the page to send the call again as a request.
pub(crate) const BY_REQUEST: &str = "2";

/// The replies to calls whose page went: "3" if the call had not started, "4" if it had. Hardly any
/// page is left to receive them.
const GONE: [&str; 2] = ["3", "4"];

/// Answers a message: once, from any thread.
pub(crate) type Reply = Box<dyn FnOnce(String) + Send>;

/// Takes a message from the webview `label`. It is `c`, a call's head, a line break and its JSON;
/// or `x` and a cancel.
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
        return match cancel(bridge, &system, label, frame) {
            Ok(()) => reply("0null".into()),
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
    let (Some(scope), true) = (scope, bridge.messages.admits(&head.command)) else {
        return reply(BY_REQUEST.into());
    };
    let frame = PageFrame {
        window: label,
        headers: &HeaderMap::new(),
        payload: &InvokeBody::Raw(body.into()),
        answer: answer_to(head.epoch, reply),
        after,
    };
    handler::take(&system, frame, head, scope);
}

/// Takes a cancel from a document that may send messages.
fn cancel(
    bridge: &Bridge,
    system: &Arc<System>,
    label: &str,
    frame: &str,
) -> Result<(), CallError> {
    let Control::Cancel { epoch, id, and } = Control::parse(frame)? else {
        return Err(CallError::protocol("a message is a call or a cancel"));
    };
    // A document that is gone has lost the right to send messages, and is told that it is gone.
    system.check_document(label, epoch)?;
    if bridge.messages.scope(label, epoch).is_none() {
        return Err(CallError::protocol("this document may send no messages"));
    }
    handler::cancel(system, label, epoch, id, &and)
}

/// Makes an answer out of `reply`. Bytes are written as JSON that is marked with `epoch`.
fn answer_to(epoch: Epoch, reply: Reply) -> ReplyCallback {
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

/// Whether the call had started, if the error says no more than that its page is gone.
fn started_when_gone(error: &Value) -> Option<bool> {
    let gone = error["code"] == json!(ErrorCode::WindowClosed);
    let details = error["details"].as_object()?;
    let started = details.get("started")?.as_bool()?;
    (gone && details.len() == 1).then_some(started)
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
