//! Parses the frames of pages and passes them to the actors, whichever way the frames came.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use tauri::{
    http::HeaderMap,
    ipc::{InvokeBody, InvokeResponseBody},
};

use super::{
    bridge::{Bridge, PageCallError},
    frame::{BodyKind, CallHead, Control, NextFrame, PullFrame, VERSION, bytes_of_numbers},
    reply::{self, AfterAnswer, ReplyCallback},
};
use crate::{
    actors::{
        Batch, Body, CallKey, Epoch, Origin, PageCall, Released, Request, Scope, System, Ticket,
        no_job,
    },
    error::{CallError, ErrorCode},
};

const HEAD: &str = "transom";
const MAX_HEADERS: usize = 64 * 1024;

/// A frame, and how to answer it.
pub(crate) struct PageFrame<'a> {
    /// The label of the webview that it came from. It is never taken from the page.
    pub(crate) window: &'a str,
    /// All its headers.
    pub(crate) headers: &'a HeaderMap,
    /// A body's bytes, or JSON arguments.
    pub(crate) payload: &'a InvokeBody,
    /// Answers the frame. Called once.
    pub(crate) answer: ReplyCallback,
    /// Called after a large answer. It drops the hold once the answer is sent.
    pub(crate) after: AfterAnswer,
}

impl PageFrame<'_> {
    /// Answers a frame that breaks the rules, and counts it.
    fn refuse(self, system: &System, error: &CallError, command: &str) {
        system.note_refused_frame(self.window, command, error);
        self.reject(error, command);
    }

    /// Refuses a frame before it becomes a call, so no code has run.
    fn refuse_call(self, system: &System, error: CallError, command: &str) {
        self.refuse(system, &error.with("started", false), command);
    }

    fn reject(self, error: &CallError, command: &str) {
        reply::reject(self.answer, error, command, self.window);
    }
}

/// Answers a frame for an app whose actors are gone.
pub(crate) fn refuse(frame: PageFrame<'_>) {
    frame.reject(&CallError::shutting_down(), "");
}

/// Takes a call from a window with this `scope`. Returns the epoch of its document.
pub(crate) fn call(system: &Arc<System>, frame: PageFrame<'_>, scope: Arc<Scope>) -> Option<Epoch> {
    let head = frame.headers.get(HEAD);
    match CallHead::decode(head.map(|value| value.as_bytes())) {
        Ok(head) => {
            let epoch = head.epoch;
            take(system, frame, head, scope);
            Some(epoch)
        }
        Err(error) => {
            frame.refuse_call(system, error, "");
            None
        }
    }
}

/// Takes a call whose head was parsed.
pub(super) fn take(system: &Arc<System>, frame: PageFrame<'_>, head: CallHead, scope: Arc<Scope>) {
    let body = match body(frame.payload, head.body, system.limits().max_body) {
        Ok(body) => body,
        Err(error) => return frame.refuse_call(system, error, &head.command),
    };
    if let Err(error) = check_headers(frame.headers) {
        return frame.refuse_call(system, error, &head.command);
    }
    let attach = head.attach.map(CallKey);
    let command = match attach {
        None => head.command.into(),
        Some(job) => match system.job_for(frame.window, &scope, job) {
            Some(command) => command,
            None => return frame.reject(&no_job(job), ""),
        },
    };
    let request = Request {
        key: CallKey(system.next_key()),
        page: PageCall {
            epoch: head.epoch,
            id: head.id,
        },
        window: frame.window.into(),
        command,
        headers: user_headers(frame.headers),
        body,
        wants_progress: head.progress,
        class: head.class,
        timeout: head.timeout.map(Duration::from_millis),
        stream: head.stream.map(Into::into),
        attach,
    };
    let without_fetch = matches!(frame.payload, InvokeBody::Json(_));
    let responder = reply::responder(frame.answer, frame.after, without_fetch);
    system.route(request, scope, responder);
}

pub(super) fn body(payload: &InvokeBody, kind: BodyKind, limit: usize) -> Result<Body, CallError> {
    let too_large = |size: usize| {
        let text = format!("the body has {size} bytes, and the limit is {limit}");
        CallError::new(ErrorCode::PayloadTooLarge, text).with("limit", limit)
    };
    let bytes = match payload {
        InvokeBody::Raw(bytes) if bytes.len() > limit => return Err(too_large(bytes.len())),
        InvokeBody::Raw(bytes) => bytes.clone(),
        // As the page's client writes bytes where fetch is not available.
        InvokeBody::Json(Value::String(text)) => {
            // Of every four characters three bytes; the last of them may be padding.
            let size = (text.len() / 4 * 3).saturating_sub(2);
            if size > limit {
                return Err(too_large(size));
            }
            let bytes = BASE64.decode(text);
            let bytes = bytes.map_err(|_| CallError::protocol("the payload is not base64"))?;
            if bytes.len() > limit {
                return Err(too_large(bytes.len()));
            }
            bytes
        }
        InvokeBody::Json(Value::Array(numbers)) if numbers.len() > limit => {
            return Err(too_large(numbers.len()));
        }
        InvokeBody::Json(Value::Array(numbers)) => bytes_of_numbers(numbers)?,
        InvokeBody::Json(_) => {
            return Err(CallError::protocol(
                "the payload of a call is bytes: call commands by `pyInvoke`",
            ));
        }
    };
    Ok(match kind {
        BodyKind::None => Body::None,
        BodyKind::Json => Body::Json(bytes),
        BodyKind::Raw => Body::Raw(bytes),
    })
}

pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), CallError> {
    let size: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if size > MAX_HEADERS {
        let text = format!("the headers have {size} bytes, and the limit is {MAX_HEADERS}");
        return Err(CallError::new(ErrorCode::PayloadTooLarge, text));
    }
    Ok(())
}

/// The headers that the page set, without those of the bridge.
pub(super) fn user_headers(headers: &HeaderMap) -> Vec<(Vec<u8>, Vec<u8>)> {
    headers
        .iter()
        .filter(|(name, _)| name.as_str() != HEAD && !name.as_str().starts_with("tauri-"))
        .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
        .collect()
}

/// Takes a control frame. `origin` tells where the document came from, `scope` what the window may
/// do.
pub(crate) fn control(
    bridge: &Arc<Bridge>,
    system: &Arc<System>,
    frame: PageFrame<'_>,
    origin: impl FnOnce() -> Origin,
    scope: impl FnOnce() -> Arc<Scope>,
) {
    let control = match frame.payload {
        InvokeBody::Json(args) => Control::decode(args),
        InvokeBody::Raw(_) => Err(CallError::protocol("a control frame is JSON")),
    };
    let label = frame.window;
    match control {
        Ok(Control::Hello { epoch, version }) if version == VERSION => {
            // The page of a window made on another thread may speak before its hook has run.
            system.open_window(label);
            let ticket = Ticket(system.next_key());
            let (limits, origin) = (system.limits(), origin());
            let mut welcome = json!({
                "version": VERSION,
                "window": label,
                "limits": {"callsPerWindow": limits.calls_per_window, "maxBody": limits.max_body},
            });
            let (name, reply) = (label.to_owned(), frame.answer);
            let (of, from) = (Arc::downgrade(bridge), origin.clone());
            bridge.keep_hello(
                ticket,
                Box::new(move |answer| match answer {
                    Ok(()) => {
                        // Only one that was welcomed takes the right from the document before it.
                        let open = |bridge: Arc<Bridge>| bridge.messages.open(&name, epoch, &from);
                        if let Some(limit) = of.upgrade().and_then(open) {
                            welcome["messages"] = limit.into();
                        }
                        reply(Ok(InvokeResponseBody::Json(welcome.to_string())));
                    }
                    Err(error) => reply::reject(reply, &error, "", &name),
                }),
            );
            system.hello(label, ticket, epoch, origin);
        }
        Ok(Control::Hello { version, .. }) => {
            let text = format!(
                "the page speaks version {version} of the wire and the host version {VERSION}: \
                 update `tauri-plugin-transom-api` and `transom` together"
            );
            frame.refuse(system, &CallError::protocol(text), "");
        }
        Ok(Control::Cancel { epoch, id, and }) => match cancel(system, label, epoch, id, &and) {
            Ok(()) => done(frame),
            Err(error) => frame.refuse(system, &error, ""),
        },
        Ok(Control::Released { epoch, id, of }) => {
            let ticket = Ticket(system.next_key());
            let (name, reply) = (label.to_owned(), frame.answer);
            let answer =
                Box::new(move |how: Result<Released, CallError>| reply::json(reply, how, &name));
            bridge.keep_watcher(ticket, label, epoch, answer);
            let page = PageCall {
                epoch: of.unwrap_or(epoch),
                id,
            };
            system.watch(label, ticket, epoch, page);
        }
        Ok(Control::Jobs { epoch }) => {
            let current = system.check_document(label, epoch);
            let jobs = current.map(|()| system.jobs_for(label, &scope()));
            reply::json(frame.answer, jobs, label);
        }
        Ok(Control::Reply {
            epoch,
            call,
            ok,
            json,
        }) => {
            if let Err(error) = system.check_document(label, epoch) {
                return frame.refuse(system, &error, "");
            }
            let result = if ok {
                Ok(json)
            } else {
                Err(PageCallError::Thrown(json))
            };
            bridge.page_replied(label, call, result);
            done(frame);
        }
        Err(error) => frame.refuse(system, &error, ""),
    }
}

/// Cancels calls for the page, if its document is the one that the window shows.
pub(super) fn cancel(
    system: &Arc<System>,
    label: &str,
    epoch: Epoch,
    id: u64,
    and: &[u64],
) -> Result<(), CallError> {
    system.check_document(label, epoch)?;
    let ids = and.iter().copied().chain([id]);
    system.cancel_from_page(label, epoch, ids.collect());
    Ok(())
}

fn done(frame: PageFrame<'_>) {
    (frame.answer)(Ok(InvokeResponseBody::Json("null".into())));
}

/// Takes a pull: the page's request for all frames that wait for it.
pub(crate) fn pull(bridge: &Arc<Bridge>, frame: PageFrame<'_>) {
    let pull = match frame.payload {
        InvokeBody::Json(args) => PullFrame::decode(args),
        InvokeBody::Raw(_) => Err(CallError::protocol("a pull is JSON")),
    };
    let pull = match pull {
        Ok(pull) => pull,
        Err(error) => {
            return match bridge.system() {
                Some(system) => frame.refuse(&system, &error, ""),
                None => frame.reject(&error, ""),
            };
        }
    };
    let (name, reply) = (frame.window.to_owned(), frame.answer);
    let answer =
        Box::new(move |frames: Result<Vec<_>, CallError>| reply::json(reply, frames, &name));
    bridge.pull(frame.window, &pull, answer);
}

/// Gives the page a channel message that it fetches.
pub(crate) fn take_parcel(bridge: &Bridge, frame: PageFrame<'_>) {
    let parcel = match frame.payload {
        InvokeBody::Json(args) => args["parcel"].as_u64(),
        InvokeBody::Raw(_) => None,
    };
    let outgoing = bridge.outgoing(frame.window);
    let taken = parcel.and_then(|parcel| outgoing?.take(parcel));
    match taken {
        Some(message) => (frame.answer)(Ok(message.into())),
        None => frame.reject(&CallError::protocol("there is no such message"), ""),
    }
}

/// Takes a pull of a stream's items.
pub(crate) fn next(system: &Arc<System>, frame: PageFrame<'_>) {
    let next = match frame.payload {
        InvokeBody::Json(args) => NextFrame::decode(args),
        InvokeBody::Raw(_) => Err(CallError::protocol("a pull is JSON")),
    };
    let current = |next: NextFrame| {
        system.check_document(frame.window, next.epoch)?;
        Ok(next)
    };
    let next = match next.and_then(current) {
        Ok(next) => next,
        Err(error) => return frame.reject(&error, ""),
    };
    let NextFrame { epoch, id, .. } = next;
    let (name, reply) = (frame.window.to_owned(), frame.answer);
    let answer = Box::new(move |batch: Result<Option<Batch>, CallError>| match batch {
        Ok(Some(Batch::Json(text))) => reply(Ok(InvokeResponseBody::Json(text))),
        Ok(Some(Batch::Raw(bytes))) => reply(Ok(InvokeResponseBody::Raw(bytes))),
        Ok(None) => reply(Ok(InvokeResponseBody::Json("null".into()))),
        Err(error) => reply::reject(reply, &error, "", &name),
    });
    system.pull_items(frame.window, PageCall { epoch, id }, next.at(), answer);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn a_body_is_the_same_by_every_transport_and_none_is_over_the_limit(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let payloads = [
                InvokeBody::Raw(bytes.clone()),
                InvokeBody::Json(json!(bytes)),
                InvokeBody::Json(json!(BASE64.encode(&bytes))),
            ];
            for payload in payloads {
                match body(&payload, BodyKind::Raw, 20) {
                    Ok(Body::Raw(taken)) => prop_assert_eq!(&taken, &bytes),
                    Ok(other) => prop_assert!(false, "{:?}", other),
                    Err(error) => {
                        prop_assert_eq!(error.code, ErrorCode::PayloadTooLarge);
                        prop_assert!(bytes.len() > 20);
                        continue;
                    }
                }
                prop_assert!(bytes.len() <= 20);
            }
        }
    }

    #[test]
    fn text_that_is_not_base64_is_refused() {
        let payload = InvokeBody::Json(json!("no base64!"));
        let error = body(&payload, BodyKind::Json, 100).unwrap_err();
        assert_eq!(error.code, ErrorCode::ProtocolError);
    }
}
