//! Defines all error codes, and the error type that a call can end with.
//!
//! `scripts/codes.py` generates the TypeScript union and the Python names from this file.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, retryable: $retryable:literal;)*) => {
        /// Why a call did not end with a value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Whether the same call may succeed when it is made again a little later.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable),* }
            }

            /// The code that travels as `text`.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

error_codes! {
    /// Somebody else cancelled the call.
    Aborted = "aborted", retryable: false;
    /// The call's deadline passed.
    DeadlineExceeded = "deadline-exceeded", retryable: true;
    /// The calling document or window went away.
    WindowClosed = "window-closed", retryable: false;
    /// A limit was reached; `details.scope` says which.
    Overloaded = "overloaded", retryable: true;
    /// A newer call took this one's place in the queue.
    Superseded = "superseded", retryable: false;
    /// The queue's policy dropped the call.
    Dropped = "dropped", retryable: true;
    /// The window may not make this call.
    PermissionDenied = "permission-denied", retryable: false;
    /// No command of that name is registered.
    UnknownCommand = "unknown-command", retryable: false;
    /// The body does not fit the command; `details.issues` lists what is wrong.
    InvalidArgument = "invalid-argument", retryable: false;
    /// The body or the result is larger than its limit.
    PayloadTooLarge = "payload-too-large", retryable: false;
    /// The command raised.
    CommandError = "command-error", retryable: false;
    /// The command's result cannot be sent.
    ResultNotSerializable = "result-not-serializable", retryable: false;
    /// The worker process died during the call.
    WorkerLost = "worker-lost", retryable: true;
    /// The command killed too many workers and rests.
    Quarantined = "quarantined", retryable: true;
    /// The executor cannot run anything now.
    Unavailable = "unavailable", retryable: true;
    /// The app is ending.
    ShuttingDown = "shutting-down", retryable: false;
    /// A frame broke the rules of the wire.
    ProtocolError = "protocol-error", retryable: false;
    /// A fault of the bridge itself.
    Internal = "internal", retryable: false;
}

/// When it is worth while to retry after an `overloaded` error, in milliseconds.
const RETRY_AFTER_MS: u64 = 50;

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallError {
    /// The kind of failure.
    pub code: ErrorCode,
    /// What a person reads, and what a page in string mode is rejected with.
    pub message: String,
    /// More about it, by code.
    #[serde(default)]
    pub details: Map<String, Value>,
}

impl CallError {
    /// An error without details.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Map::new(),
        }
    }

    /// Adds one detail.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.into(), value.into());
        self
    }

    /// A limit of `scope` was reached.
    pub fn overloaded(scope: &str, limit: usize) -> Self {
        Self::new(
            ErrorCode::Overloaded,
            format!("too many calls: the limit of the {scope} is {limit}"),
        )
        .with("scope", scope)
        .with("limit", limit)
        .with("retryAfterMs", RETRY_AFTER_MS)
    }

    /// The bodies of waiting calls hold as many bytes as they may.
    pub fn queued_bytes(limit: usize) -> Self {
        let text = format!("the bodies of calls that wait are limited to {limit} bytes in all");
        Self::new(ErrorCode::Overloaded, text)
            .with("scope", "queued-bytes")
            .with("limit", limit)
            .with("retryAfterMs", RETRY_AFTER_MS)
    }

    /// Results that their pages have not taken yet hold as many bytes as they may.
    pub fn undelivered(limit: usize) -> Self {
        let text = format!("results on their way to their pages are limited to {limit} bytes");
        Self::new(ErrorCode::Overloaded, text)
            .with("scope", "app")
            .with("resultBytes", limit)
            .with("retryAfterMs", RETRY_AFTER_MS)
    }

    /// A result is larger than the app takes.
    pub fn result_too_large(size: usize, limit: usize) -> Self {
        let text = format!("the result has {size} bytes, and the limit is {limit}");
        Self::new(ErrorCode::PayloadTooLarge, text)
            .with("size", size)
            .with("limit", limit)
    }

    /// A call of `command` waited for `after`, which is as long as its queue lets it.
    pub fn waited_out(command: &str, after: Duration) -> Self {
        let text = format!("`{command}` is busy: the call waited for {after:?}");
        Self::new(ErrorCode::Overloaded, text)
            .with("scope", "command")
            .with("maxWaitMs", millis(after))
            .with("retryAfterMs", RETRY_AFTER_MS)
    }

    /// The body of a call has no value to queue by, and cannot: it is not JSON.
    pub fn no_key(command: &str, why: &serde_json::Error) -> Self {
        let text = format!("`{command}` goes by a value of its body, which is not JSON: {why}");
        Self::new(ErrorCode::InvalidArgument, text)
    }

    /// A newer call of `command` came.
    pub fn superseded(command: &str) -> Self {
        let text = format!("a newer call of `{command}` took the place of this one");
        Self::new(ErrorCode::Superseded, text)
    }

    /// The queue of `command`, which takes `limit` calls, dropped its oldest.
    pub fn dropped(command: &str, limit: usize) -> Self {
        let text = format!("newer calls of `{command}` pushed this one out: {limit} wait at once");
        Self::new(ErrorCode::Dropped, text).with("queueLimit", limit)
    }

    /// The call's deadline, `after` its admission, passed.
    pub fn deadline_exceeded(after: Duration) -> Self {
        let text = format!("the call took longer than {after:?}");
        Self::new(ErrorCode::DeadlineExceeded, text).with("timeoutMs", millis(after))
    }

    /// The calling document or window went away. Frames that a page sends in its last moments get
    /// this too, in the ordinary course of a navigation.
    pub fn window_closed() -> Self {
        Self::new(
            ErrorCode::WindowClosed,
            "the window or page that called is gone",
        )
    }

    /// Somebody cancelled the call.
    pub fn aborted() -> Self {
        Self::new(ErrorCode::Aborted, "the call was cancelled")
    }

    /// No command of that name is registered.
    pub fn unknown_command(name: &str) -> Self {
        let text = format!("no python handler `{name}` found");
        Self::new(ErrorCode::UnknownCommand, text)
    }

    /// The app is ending.
    pub fn shutting_down() -> Self {
        Self::new(ErrorCode::ShuttingDown, "the app is shutting down")
    }

    /// A frame broke the rules of the wire.
    pub fn protocol(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ProtocolError, message)
    }

    /// A frame of a document that the window has never shown, as far as the host knows.
    pub fn unknown_document() -> Self {
        Self::protocol("this document is not the one that said hello")
    }

    /// An actor that had the call panicked, and another took its place.
    pub fn restarted(actor: &str) -> Self {
        let text = format!(
            "a part of Transom that had this call, its {actor}, failed and was started again; please \
             report what the log says of it"
        );
        Self::internal(text)
    }

    /// The calling window is not served, because its actor failed too often.
    pub fn failing_window(label: &str) -> Self {
        let text = format!(
            "the window `{label}` takes no calls, because the part of Transom that serves it failed \
             more than 3 times within a minute; close it and open it again"
        );
        Self::new(ErrorCode::Unavailable, text).with("started", false)
    }

    /// The command rests, because its actor failed too often.
    pub fn failing_command(command: &str, rest: Duration) -> Self {
        let text = format!(
            "`{command}` is quarantined: the part of Transom that serves it failed more than 3 times \
             within a minute; it is tried again in {} s",
            rest.as_secs()
        );
        let wait = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX);
        Self::new(ErrorCode::Quarantined, text)
            .with("started", false)
            .with("retryAfterMs", wait)
    }

    /// A fault of the bridge itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }
}
