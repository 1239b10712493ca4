//! Answers the calls of pages that use PyTauri's client, or speak its wire themselves.
//!
//! Such a call is the command `pyfunc` of the plugin `pytauri`. The header `pyfunc` names the
//! Python command, the payload is its body as bytes. The answer is JSON or bytes, an error is a
//! text. The page gives its calls no names, so nothing of the session exists for them: no cancel,
//! no progress, no streams.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::Value;
use tauri::ipc::{InvokeBody, InvokeError, InvokeResponseBody};

use crate::{
    actors::{Body, Call, CallKey, Outcome, PageCall, Request, Responder, Scope, System},
    error::CallError,
    ipc::{
        frame::BodyKind,
        handler::{PageFrame, body, check_headers, user_headers},
        reply::{AfterAnswer, ReplyCallback},
    },
};

/// The only command of that plugin.
pub(crate) const COMMAND: &str = "pyfunc";
const HEADER: &str = "pyfunc";

/// Remembers for one app whether its author knows of such a page.
#[derive(Debug, Default)]
pub(crate) struct Noted(AtomicBool);

impl Noted {
    fn note(&self, label: &str) {
        if !self.0.swap(true, Ordering::Relaxed) {
            log::warn!(
                "the page of window {label:?} calls Python as PyTauri's client does, which is answered without cancel, progress and typed errors; use `pyInvoke` of the package `tauri-plugin-transom-api/pytauri` there (or `window.__TAURI__.transom`)"
            );
        }
    }
}

/// Refuses a call for an app whose actors are gone.
pub(in crate::ipc) fn refuse(frame: PageFrame<'_>) {
    reject(frame.answer, CallError::shutting_down());
}

/// Takes a call from a window with this `scope`.
pub(in crate::ipc) fn call(
    system: &Arc<System>,
    frame: PageFrame<'_>,
    scope: Arc<Scope>,
    noted: &Noted,
) {
    noted.note(frame.window);
    let (command, body) = match parse(&frame, system.limits().max_body) {
        Ok(parsed) => parsed,
        Err(error) => {
            system.note_refused_frame(frame.window, "", &error);
            return reject(frame.answer, error);
        }
    };
    // The page of a window made on another thread may speak before its hook has run.
    system.open_window(frame.window);
    let mut headers = user_headers(frame.headers);
    headers.retain(|(name, _)| name != HEADER.as_bytes());
    let request = Request {
        key: CallKey(system.next_key()),
        page: PageCall::UNNAMED,
        window: frame.window.into(),
        command: command.into(),
        headers,
        body,
        wants_progress: false,
        class: Default::default(),
        timeout: None,
        stream: None,
        attach: None,
    };
    system.route(request, scope, responder(frame.answer, frame.after));
}

/// The command's name, and the body.
fn parse<'a>(frame: &PageFrame<'a>, limit: usize) -> Result<(&'a str, Body), CallError> {
    check_headers(frame.headers)?;
    let name = frame
        .headers
        .get(HEADER)
        .ok_or_else(|| CallError::protocol("There is no pyfunc header"))?;
    let name = std::str::from_utf8(name.as_bytes())
        .map_err(|_| CallError::protocol("the pyfunc header is not UTF-8"))?;
    let body = match frame.payload {
        InvokeBody::Raw(_) | InvokeBody::Json(Value::Array(_)) => {
            body(frame.payload, BodyKind::Json, limit)?
        }
        InvokeBody::Json(_) => Body::None,
    };
    Ok((name, body))
}

fn responder(answer: ReplyCallback, after: AfterAnswer) -> Responder {
    Box::new(move |call: &Call, outcome| {
        let hold = call.take_result_hold();
        match outcome {
            Outcome::Json(text) => answer(Ok(InvokeResponseBody::Json(text))),
            Outcome::Raw(bytes) => answer(Ok(InvokeResponseBody::Raw(bytes))),
            Outcome::Error(error) => reject(answer, error),
        }
        if let Some(hold) = hold {
            after(hold);
        }
    })
}

fn reject(answer: ReplyCallback, error: CallError) {
    answer(Err(InvokeError::from(error.message)));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;
    use tauri::http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::error::ErrorCode;

    fn parsed(name: Option<&[u8]>, payload: InvokeBody) -> Result<(String, Body), CallError> {
        let mut headers = HeaderMap::new();
        if let Some(name) = name {
            headers.insert(HEADER, HeaderValue::from_bytes(name).unwrap());
        }
        let frame = PageFrame {
            window: "main",
            headers: &headers,
            payload: &payload,
            answer: Box::new(drop),
            after: Box::new(drop),
        };
        parse(&frame, 4).map(|(name, body)| (name.to_owned(), body))
    }

    #[test]
    fn a_call_names_its_command_and_carries_bytes_or_nothing() {
        let json = |bytes: &[u8]| Body::Json(bytes.to_vec());
        for (payload, body) in [
            (InvokeBody::Raw(b"12".to_vec()), json(b"12")),
            (InvokeBody::Raw(Vec::new()), json(b"")),
            // Where Tauri's fetch transport is not available.
            (InvokeBody::Json(json!([49, 50])), json(b"12")),
            (InvokeBody::Json(json!({})), Body::None),
            (InvokeBody::Json(Value::Null), Body::None),
        ] {
            let expected = ("greet".to_owned(), body);
            assert_eq!(parsed(Some(b"greet"), payload).unwrap(), expected);
        }
    }

    #[test]
    fn what_breaks_the_rules_is_refused() {
        let raw = || InvokeBody::Raw(Vec::new());
        let error = parsed(None, raw()).unwrap_err();
        assert_eq!(error.message, "There is no pyfunc header");
        assert_eq!(
            parsed(Some(b"\xff"), raw()).unwrap_err().code,
            ErrorCode::ProtocolError
        );
        let large = parsed(Some(b"greet"), InvokeBody::Raw(vec![0; 5])).unwrap_err();
        assert_eq!(large.code, ErrorCode::PayloadTooLarge);
        let numbers = InvokeBody::Json(json!([300]));
        assert!(parsed(Some(b"greet"), numbers).is_err());
    }
}
