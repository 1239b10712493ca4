//! Defines what a page sends with a call, and what the call gives back: outcome and progress.

use std::time::Duration;

use serde::Serialize;

use crate::actors::{
    fair_queue::Class,
    ids::{CallKey, Name, PageCall},
};
use crate::error::CallError;

/// A call as the page sent it.
#[derive(Debug)]
pub struct Request {
    /// Its key.
    pub key: CallKey,
    /// The name by which its page knows it.
    pub page: PageCall,
    /// The label of the calling window.
    pub window: Name,
    /// The command.
    pub command: Name,
    /// Header names in lower case, and values.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body.
    pub body: Body,
    /// Whether the page listens to progress.
    pub wants_progress: bool,
    /// How urgent the call is.
    pub class: Class,
    /// How long the page lets the call take, counted from its admission.
    pub timeout: Option<Duration>,
    /// How the page wants a stream. `None`: it wants one value.
    pub stream: Option<StreamOptions>,
    /// The job whose progress and outcome this call wants. The command's code does not run again
    /// for it.
    pub attach: Option<CallKey>,
}

/// What the page asks of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamOptions {
    /// How many items may be outstanding; `None`: 1,024.
    pub buffer: Option<usize>,
    /// Only the latest item that was not taken is kept.
    pub conflate: bool,
}

/// The body of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No body.
    None,
    /// UTF-8 JSON text, not parsed yet.
    Json(Vec<u8>),
    /// Bytes.
    Raw(Vec<u8>),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// JSON text.
    Json(String),
    /// Bytes.
    Raw(Vec<u8>),
    /// An error.
    Error(CallError),
}

impl Body {
    /// The size in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Json(bytes) | Self::Raw(bytes) => bytes.len(),
        }
    }
}

impl Outcome {
    /// How many bytes a result has.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Raw(bytes) => bytes.len(),
            Self::Error(_) => 0,
        }
    }
}

/// How far a call has come.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// Units done.
    pub done: f64,
    /// Units in all, when known.
    pub total: Option<f64>,
    /// What is being done.
    pub message: Option<String>,
}
