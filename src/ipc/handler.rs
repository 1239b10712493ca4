//! Takes Tauri's invoke messages apart. Runs on the UI thread: it decodes and enqueues.

use std::sync::Arc;

use serde_json::{Value, json};
use tauri::{
    Runtime,
    ipc::{Invoke, InvokeBody, InvokeMessage, InvokeResolver, InvokeResponseBody},
};

use super::{
    bridge::{Bridge, not_current},
    frame::{BodyKind, CallHead, Control, PullFrame, VERSION, bytes_of_numbers},
    reply,
};
use crate::{
    actors::{Body, CallKey, Origin, PageCall, Request, System, Ticket},
    error::{CallError, ErrorCode},
};

const HEAD: &str = "transom";
const MAX_HEADERS: usize = 64 * 1024;

/// Handles one message of a page. False: there is no such command.
pub fn handle<R: Runtime>(bridge: &Arc<Bridge>, invoke: Invoke<R>) -> bool {
    let known = matches!(invoke.message.command(), "call" | "control" | "pull");
    let Some(system) = bridge.system().filter(|_| known) else {
        if known {
            let label = invoke.message.webview_ref().label().to_owned();
            reply::reject(invoke.resolver, &CallError::shutting_down(), "", &label);
        }
        return known;
    };
    match invoke.message.command() {
        "call" => call(bridge, &system, invoke),
        "control" => control(bridge, &system, invoke),
        _ => pull(bridge, invoke),
    }
    true
}

fn call<R: Runtime>(bridge: &Arc<Bridge>, system: &Arc<System>, invoke: Invoke<R>) {
    let label = invoke.message.webview_ref().label().to_owned();
    let head = invoke.message.headers().get(HEAD);
    let head = match CallHead::decode(head.map(|value| value.as_bytes())) {
        Ok(head) => head,
        Err(error) => return reply::reject(invoke.resolver, &error, "", &label),
    };
    let body = match body(&invoke.message, head.body, system.limits().max_body) {
        Ok(body) => body,
        Err(error) => return reply::reject(invoke.resolver, &error, &head.command, &label),
    };
    if let Err(error) = check_headers(&invoke.message) {
        return reply::reject(invoke.resolver, &error, &head.command, &label);
    }
    let scope = bridge.scopes.of(&invoke);
    let request = Request {
        key: CallKey(system.next_key()),
        page: PageCall {
            epoch: head.epoch,
            id: head.id,
        },
        window: label.into(),
        command: head.command.into(),
        headers: user_headers(&invoke.message),
        body,
        wants_progress: head.progress,
    };
    let without_fetch = matches!(invoke.message.payload(), InvokeBody::Json(_));
    let responder = reply::responder(invoke.resolver, without_fetch);
    system.route(request, scope, responder);
}

fn body<R: Runtime>(
    message: &InvokeMessage<R>,
    kind: BodyKind,
    limit: usize,
) -> Result<Body, CallError> {
    let too_large = |size: usize| {
        let text = format!("the body has {size} bytes, and the limit is {limit}");
        CallError::new(ErrorCode::PayloadTooLarge, text)
            .with("limit", limit)
            .with("started", false)
    };
    let bytes = match message.payload() {
        InvokeBody::Raw(bytes) if bytes.len() > limit => return Err(too_large(bytes.len())),
        InvokeBody::Raw(bytes) => bytes.clone(),
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

fn check_headers<R: Runtime>(message: &InvokeMessage<R>) -> Result<(), CallError> {
    let headers = message.headers().iter();
    let size: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if size > MAX_HEADERS {
        let text = format!("the headers have {size} bytes, and the limit is {MAX_HEADERS}");
        return Err(CallError::new(ErrorCode::PayloadTooLarge, text).with("started", false));
    }
    Ok(())
}

/// What the page sent along, without the bridge's own headers.
fn user_headers<R: Runtime>(message: &InvokeMessage<R>) -> Vec<(Vec<u8>, Vec<u8>)> {
    message
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str() != HEAD && !name.as_str().starts_with("tauri-"))
        .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
        .collect()
}

fn control<R: Runtime>(bridge: &Arc<Bridge>, system: &Arc<System>, invoke: Invoke<R>) {
    let Invoke {
        message, resolver, ..
    } = invoke;
    let label = message.webview_ref().label().to_owned();
    let frame = match message.payload() {
        InvokeBody::Json(args) => Control::decode(args),
        InvokeBody::Raw(_) => Err(CallError::protocol("a control frame is JSON")),
    };
    match frame {
        Ok(Control::Hello { epoch, version }) if version == VERSION => {
            // The page of a window made on another thread may speak before its hook has run.
            system.open_window(&label);
            let ticket = Ticket(system.next_key());
            let limits = system.limits();
            let welcome = json!({
                "version": VERSION,
                "window": label,
                "limits": {"callsPerWindow": limits.calls_per_window, "maxBody": limits.max_body},
            });
            let name = label.clone();
            bridge.keep_hello(
                ticket,
                Box::new(move |answer| match answer {
                    Ok(()) => resolver.resolve(InvokeResponseBody::Json(welcome.to_string())),
                    Err(error) => reply::reject(resolver, &error, "", &name),
                }),
            );
            system.hello(&label, ticket, epoch, origin(&message));
        }
        Ok(Control::Hello { version, .. }) => {
            let text = format!(
                "the page speaks version {version} of the wire and the host version {VERSION}: \
                 update `tauri-plugin-transom-api` and `transom` together"
            );
            reply::reject(resolver, &CallError::protocol(text), "", &label);
        }
        Ok(Control::Cancel { epoch, id }) => {
            if system.is_current(&label, epoch) {
                system.cancel_from_page(&label, PageCall { epoch, id });
                done(resolver);
            } else {
                reply::reject(resolver, &not_current(), "", &label);
            }
        }
        Ok(Control::Reply {
            epoch,
            call,
            ok,
            value,
            error,
        }) => {
            if system.is_current(&label, epoch) {
                let result = if ok {
                    Ok(value.to_string())
                } else {
                    Err(error)
                };
                bridge.page_replied(&label, call, result);
                done(resolver);
            } else {
                reply::reject(resolver, &not_current(), "", &label);
            }
        }
        Err(error) => reply::reject(resolver, &error, "", &label),
    }
}

fn done<R: Runtime>(resolver: InvokeResolver<R>) {
    resolver.resolve(InvokeResponseBody::Json("null".into()));
}

/// Where the document came from, in Tauri's word.
fn origin<R: Runtime>(message: &InvokeMessage<R>) -> Origin {
    match message.webview_ref().url() {
        Ok(url) if url.scheme() == "tauri" => Origin::Local,
        Ok(url) => Origin::Remote(url.origin().ascii_serialization()),
        Err(_) => Origin::Remote("null".into()),
    }
}

fn pull<R: Runtime>(bridge: &Arc<Bridge>, invoke: Invoke<R>) {
    let Invoke {
        message, resolver, ..
    } = invoke;
    let label = message.webview_ref().label().to_owned();
    let frame = match message.payload() {
        InvokeBody::Json(args) => PullFrame::decode(args),
        InvokeBody::Raw(_) => Err(CallError::protocol("a pull is JSON")),
    };
    let frame = match frame {
        Ok(frame) => frame,
        Err(error) => return reply::reject(resolver, &error, "", &label),
    };
    let name = label.clone();
    let answer = Box::new(move |frames: Result<Vec<_>, CallError>| {
        let text = frames.and_then(|frames| {
            serde_json::to_string(&frames).map_err(|e| CallError::internal(e.to_string()))
        });
        match text {
            Ok(text) => resolver.resolve(InvokeResponseBody::Json(text)),
            Err(error) => reply::reject(resolver, &error, "", &name),
        }
    });
    bridge.pull(&label, &frame, answer);
}
