//! An outcome becomes Tauri's answer.

use serde::Serialize;
use serde_json::{Map, Value};
use tauri::{
    Runtime,
    ipc::{InvokeResolver, InvokeResponseBody},
};

use crate::{
    actors::{Call, Epoch, Outcome, Responder},
    error::{CallError, ErrorCode},
};

/// An error as it travels.
#[derive(Serialize)]
struct ErrorFrame<'a> {
    code: ErrorCode,
    message: &'a str,
    command: &'a str,
    window: &'a str,
    retryable: bool,
    details: &'a Map<String, Value>,
}

/// Bytes where Tauri's fetch transport is not available: a bare array of numbers could not be told
/// from JSON.
#[derive(Serialize)]
struct BytesFrame {
    transom: Epoch,
    bytes: Vec<u8>,
}

/// The responder of a call. `without_fetch`: Tauri can answer with JSON only.
pub(super) fn responder<R: Runtime>(resolver: InvokeResolver<R>, without_fetch: bool) -> Responder {
    Box::new(move |call: &Call, outcome| match outcome {
        Outcome::Json(text) => resolver.resolve(InvokeResponseBody::Json(text)),
        Outcome::Raw(bytes) if without_fetch => resolver.resolve(BytesFrame {
            transom: call.request.page.epoch,
            bytes,
        }),
        Outcome::Raw(bytes) => resolver.resolve(InvokeResponseBody::Raw(bytes)),
        Outcome::Error(error) => {
            reject(
                resolver,
                &error,
                &call.request.command,
                &call.request.window,
            );
        }
    })
}

/// Answers a frame that never became a call.
pub(super) fn reject<R: Runtime>(
    resolver: InvokeResolver<R>,
    error: &CallError,
    command: &str,
    window: &str,
) {
    resolver.reject(ErrorFrame {
        code: error.code,
        message: &error.message,
        command,
        window,
        retryable: error.code.retryable(),
        details: &error.details,
    });
}
