//! Defines the JSON heads of the frames between host and worker.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::workers::calls::call::WorkerCall;
use crate::{
    actors::{Allowance, Body, CallKey, Items, Outcome, Progress},
    error::{CallError, ErrorCode},
    sync::clock,
};

/// The head of a call.
#[derive(Debug, Serialize)]
struct WorkerCallHead<'a> {
    id: u64,
    command: &'a str,
    window: &'a str,
    module: &'a str,
    qualname: &'a str,
    /// Seconds until the deadline.
    left: Option<f64>,
    /// `json`, `raw` or `none`.
    body: &'static str,
    /// Names and values. Each byte is one character (Latin-1).
    headers: Vec<(String, String)>,
    /// Calls with the same key go to the same process, also behind a gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    affinity: Option<&'a str>,
    /// The credit of the stream that the page wants; `None`: it wants one value.
    stream: Option<Allowance>,
}

/// The head of a frame that gives credit.
#[derive(Debug, Serialize)]
struct TakenHead {
    id: u64,
    taken: u64,
}

/// The head of a frame that gives credit for channel messages.
#[derive(Debug, Serialize)]
struct DeliveredHead {
    id: u64,
    taken: u64,
    /// The window is gone.
    gone: bool,
}

/// The head of a channel's message.
#[derive(Debug, Deserialize)]
pub(crate) struct MessageHead {
    pub(crate) channel: u32,
}

/// The head of an event.
#[derive(Debug, Deserialize)]
pub(crate) struct EventHead {
    pub(crate) event: String,
}

/// The head of a frame about a stream that waits for credit.
#[derive(Debug, Deserialize)]
pub(crate) struct WantHead {
    pub(crate) size: usize,
}

/// The head of a frame about a call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CallIdHead {
    pub(crate) id: u64,
}

/// The head of a result.
#[derive(Debug, Deserialize)]
pub(crate) struct ResultHead {
    pub(crate) id: u64,
    /// Whether the worker should run no other call.
    #[serde(default)]
    pub(crate) unfit: bool,
}

/// The head of progress.
#[derive(Debug, Deserialize)]
pub(crate) struct ProgressHead {
    pub(crate) id: u64,
    done: f64,
    total: Option<f64>,
    message: Option<String>,
}

/// The part of a `logging` record that the host reads.
#[derive(Debug, Deserialize)]
pub(crate) struct LogHead {
    #[serde(rename = "levelno")]
    pub(crate) level: i64,
    #[serde(rename = "msg")]
    pub(crate) message: String,
}

/// The head of an error.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorHead {
    pub(crate) id: u64,
    /// Whether the worker should run no other call.
    #[serde(default)]
    pub(crate) unfit: bool,
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

pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The head of a call whose body is `body`.
pub(crate) fn call(job: &WorkerCall, body: &Body) -> Vec<u8> {
    let (call, target) = (job.guard.call(), &job.target);
    let request = &call.request;
    let left = |at: Instant| at.saturating_duration_since(clock::now()).as_secs_f64();
    let headers = request.headers.iter();
    to_json(&WorkerCallHead {
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
        affinity: job.key.as_deref(),
        stream: call.items().map(Items::allowance),
    })
}

/// The head of a cancel.
pub(crate) fn cancel(call: CallKey) -> Vec<u8> {
    to_json(&CallIdHead { id: call.0 })
}

/// The head that gives a stream credit: its page has taken `taken` items in all.
pub(crate) fn taken(call: CallKey, taken: u64) -> Vec<u8> {
    to_json(&TakenHead { id: call.0, taken })
}

/// The head that gives channel messages credit: the page has run `taken` of them in all.
pub(crate) fn delivered(call: CallKey, taken: u64, gone: bool) -> Vec<u8> {
    let id = call.0;
    to_json(&DeliveredHead { id, taken, gone })
}

/// Reads a head. The error is for the log.
pub(crate) fn read<'a, T: Deserialize<'a>>(head: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(head).map_err(|error| format!("a malformed frame: {error}"))
}

/// Writes a value as JSON. Names, numbers and text can always be written.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
