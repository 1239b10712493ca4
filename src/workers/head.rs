//! What the frames of the link say: their heads, as JSON.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::job::Target;
use crate::{
    actors::{Allowance, Body, Call, CallKey, Items, Outcome, Progress},
    error::{CallError, ErrorCode},
};

/// The head of a call.
#[derive(Debug, Serialize)]
struct CallHead<'a> {
    id: u64,
    command: &'a str,
    window: &'a str,
    module: &'a str,
    qualname: &'a str,
    /// Seconds until the deadline.
    left: Option<f64>,
    /// `json`, `raw` or `none`.
    body: &'static str,
    /// Names and values, each byte a character (Latin-1).
    headers: Vec<(String, String)>,
    /// The credit of the stream that the page wants; `None`: it wants one value.
    stream: Option<Allowance>,
}

/// The head of credit.
#[derive(Debug, Serialize)]
struct TakenHead {
    id: u64,
    taken: u64,
}

/// The head of credit for channel messages.
#[derive(Debug, Serialize)]
struct DeliveredHead {
    id: u64,
    taken: u64,
    /// The window is gone.
    gone: bool,
}

/// The head of a channel's message.
#[derive(Debug, Deserialize)]
pub(super) struct MessageHead {
    pub(super) channel: u32,
}

/// The head of an event.
#[derive(Debug, Deserialize)]
pub(super) struct EventHead {
    pub(super) event: String,
}

/// The head of a stream that waits.
#[derive(Debug, Deserialize)]
pub(super) struct WantHead {
    pub(super) size: usize,
}

/// The head of a frame about a call.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CallId {
    pub(super) id: u64,
}

/// The head of a result.
#[derive(Debug, Deserialize)]
pub(super) struct ResultHead {
    pub(super) id: u64,
    /// The worker should run no other call.
    #[serde(default)]
    pub(super) unfit: bool,
}

/// The head of progress.
#[derive(Debug, Deserialize)]
pub(super) struct ProgressHead {
    pub(super) id: u64,
    done: f64,
    total: Option<f64>,
    message: Option<String>,
}

/// What the host reads of a record of Python's `logging`.
#[derive(Debug, Deserialize)]
pub(super) struct LogHead {
    #[serde(rename = "levelno")]
    pub(super) level: i64,
    #[serde(rename = "msg")]
    pub(super) message: String,
}

/// The head of an error.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorHead {
    pub(super) id: u64,
    /// The worker should run no other call.
    #[serde(default)]
    pub(super) unfit: bool,
    code: String,
    message: String,
    #[serde(default)]
    details: serde_json::Map<String, serde_json::Value>,
}

impl From<ProgressHead> for Progress {
    fn from(head: ProgressHead) -> Self {
        Self {
            done: head.done,
            total: head.total,
            message: head.message,
        }
    }
}

impl From<ErrorHead> for Outcome {
    fn from(head: ErrorHead) -> Self {
        let code = ErrorCode::parse(&head.code).unwrap_or(ErrorCode::Internal);
        let mut error = CallError::new(code, head.message);
        error.details = head.details;
        Self::Error(error)
    }
}

pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The head of a call whose body is `body`.
pub(super) fn call(call: &Call, target: &Target, body: &Body) -> Vec<u8> {
    let request = &call.request;
    let left = |at: Instant| at.saturating_duration_since(Instant::now()).as_secs_f64();
    let headers = request.headers.iter();
    to_json(&CallHead {
        id: request.key.0,
        command: &request.command,
        window: &request.window,
        module: &target.module,
        qualname: &target.qualname,
        left: call.deadline().map(left),
        body: match body {
            Body::None => "none",
            Body::Json(_) => "json",
            Body::Raw(_) => "raw",
        },
        headers: headers
            .map(|(name, value)| (latin1(name), latin1(value)))
            .collect(),
        stream: call.items().map(Items::allowance),
    })
}

/// The head of a cancel.
pub(super) fn cancel(call: CallKey) -> Vec<u8> {
    to_json(&CallId { id: call.0 })
}

/// The head of credit for a stream: its page has taken so many items in all.
pub(super) fn taken(call: CallKey, taken: u64) -> Vec<u8> {
    to_json(&TakenHead { id: call.0, taken })
}

/// The head of credit for channel messages: the page has run so many in all.
pub(super) fn delivered(call: CallKey, taken: u64, gone: bool) -> Vec<u8> {
    let id = call.0;
    to_json(&DeliveredHead { id, taken, gone })
}

/// Reads a head. The error is for the log.
pub(super) fn read<'a, T: Deserialize<'a>>(head: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(head).map_err(|error| format!("a malformed frame: {error}"))
}

/// Names, numbers and text always become JSON.
pub(super) fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
