//! Converts the outcome of a call into the answer that its page gets.

use serde::Serialize;
use serde_json::{Map, Value};
use tauri::ipc::{InvokeError, InvokeResponseBody};

use crate::{
    actors::{Call, Epoch, Outcome, Responder, ResultHold},
    error::{CallError, ErrorCode},
};

/// Answers a frame: once, from any thread.
pub(crate) type ReplyCallback = Box<dyn FnOnce(Result<InvokeResponseBody, InvokeError>) + Send>;

/// Drops the hold of a large result after the answer.
pub(crate) type AfterAnswer = Box<dyn FnOnce(ResultHold) + Send>;

#[derive(Serialize)]
struct ErrorFrame<'a> {
    code: ErrorCode,
    message: &'a str,
    command: &'a str,
    window: &'a str,
    retryable: bool,
    details: &'a Map<String, Value>,
}

/// Bytes as JSON, where Tauri's fetch transport is not available. A bare array of numbers could not
/// be told from a JSON result.
#[derive(Serialize)]
struct BytesFrame {
    transom: Epoch,
    bytes: Vec<u8>,
}

/// The responder of a call. `without_fetch`: the answer can only be JSON.
pub(super) fn responder(
    answer: ReplyCallback,
    after: AfterAnswer,
    without_fetch: bool,
) -> Responder {
    Box::new(move |call: &Call, outcome| {
        let hold = call.take_result_hold();
        respond(answer, call, outcome, without_fetch);
        if let Some(hold) = hold {
            after(hold);
        }
    })
}

fn respond(answer: ReplyCallback, call: &Call, outcome: Outcome, without_fetch: bool) {
    match outcome {
        Outcome::Json(text) => answer(Ok(InvokeResponseBody::Json(text))),
        Outcome::Raw(bytes) if without_fetch => {
            let text = bytes_as_json(call.request.page.epoch, bytes);
            answer(text.map(InvokeResponseBody::Json));
        }
        Outcome::Raw(bytes) => answer(Ok(InvokeResponseBody::Raw(bytes))),
        Outcome::Error(error) => {
            reject(answer, &error, &call.request.command, &call.request.window);
        }
    }
}

/// Writes bytes as JSON.
pub(super) fn bytes_as_json(epoch: Epoch, bytes: Vec<u8>) -> Result<String, InvokeError> {
    let frame = BytesFrame {
        transom: epoch,
        bytes,
    };
    serde_json::to_string(&frame).map_err(InvokeError::from_error)
}

/// Answers a frame with JSON, or with an error.
pub(super) fn json<T: Serialize>(answer: ReplyCallback, value: Result<T, CallError>, window: &str) {
    let text = value.and_then(|value| {
        serde_json::to_string(&value).map_err(|error| CallError::internal(error.to_string()))
    });
    match text {
        Ok(text) => answer(Ok(InvokeResponseBody::Json(text))),
        Err(error) => reject(answer, &error, "", window),
    }
}

/// Answers a frame with an error.
pub(super) fn reject(answer: ReplyCallback, error: &CallError, command: &str, window: &str) {
    answer(Err(self::error(error, command, window)));
}

/// An error in the form that the page gets.
pub(super) fn error(error: &CallError, command: &str, window: &str) -> InvokeError {
    InvokeError::from(ErrorFrame {
        code: error.code,
        message: &error.message,
        command,
        window,
        retryable: error.code.retryable(),
        details: &error.details,
    })
}
