//! Records the answer and the end of each call in counters, histograms and the log.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use super::{counters::Count, gauges::Gauges, latency::CommandLatency};
use crate::actors::{
    actor::shell::panic_text,
    call::{cell::Call, request::Outcome},
    system::System,
};
use crate::error::{CallError, ErrorCode};

/// All measurements of an app.
#[derive(Debug, Clone, Serialize)]
pub struct Metrics {
    /// What the app holds now.
    pub gauges: Gauges,
    /// How often something has happened since the start, by error code, `value`, or the name of an
    /// event.
    pub counters: std::collections::BTreeMap<&'static str, u64>,
    /// How long calls took, by command.
    pub latencies: std::collections::BTreeMap<String, CommandLatency>,
}

/// How a call was answered: with a value, or with this error.
pub(crate) struct Ended(Option<CallError>);

impl Ended {
    /// Copies what is needed of the outcome, before the outcome is given away.
    pub(crate) fn with(outcome: &Outcome) -> Self {
        Self(match outcome {
            Outcome::Error(error) => Some(CallError::new(error.code, error.message.clone())),
            Outcome::Json(_) | Outcome::Raw(_) => None,
        })
    }
}

impl System {
    /// Takes all measurements.
    pub fn metrics(&self) -> Metrics {
        Metrics {
            gauges: self.gauges(),
            counters: self.counters.read(),
            latencies: self.latencies.read(),
        }
    }

    /// Counts an event.
    pub fn count(&self, what: Count) {
        self.counters.count(what);
    }

    /// Whether an executor has calls that run or wait.
    pub fn is_busy(&self, executor: &str) -> bool {
        self.executors.get(executor).is_some_and(|handle| {
            let gauges = handle
                .actor
                .look(crate::actors::executor::machine::ExecutorMachine::gauges);
            gauges.running + gauges.waiting > 0
        })
    }

    /// Records a frame that was refused before it became a call.
    pub fn note_refused_frame(&self, window: &str, command: &str, error: &CallError) {
        self.counters.error(error.code);
        say(window, command, error);
    }

    /// Runs what tells loggers and subscribers of `tracing`. What panics in them costs no call its
    /// answer or its place.
    pub(crate) fn tell_observers(&self, tell: impl FnOnce()) {
        let Err(panic) = catch_unwind(AssertUnwindSafe(tell)) else {
            return;
        };
        // A logger that panics again has said what it can.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            self.count(Count::Panic);
            log::error!("a panic was contained: {}", panic_text(panic.as_ref()));
        }));
    }

    /// Records that a call was answered.
    pub(crate) fn note_answer(&self, call: &Call, Ended(error): Ended) {
        match error {
            None => {
                self.counters.value();
                call.timing.answer("value");
            }
            Some(error) => {
                self.counters.error(error.code);
                call.timing.answer(error.code.as_str());
                say(&call.request.window, &call.request.command, &error);
            }
        }
    }

    /// Records that a call's work ended.
    pub(crate) fn note_end(&self, call: &Call) {
        let times = call.timing.end();
        if let Some(command) = call.command.get() {
            self.latencies.record(command, times);
        }
        log::debug!(
            "call {} of {:?} by window {:?}: queued {:?}, ran {:?}",
            call.key().0,
            call.request.command,
            call.request.window,
            times.queue,
            times.run.unwrap_or_default(),
        );
    }
}

/// Writes an error to the log. The names come from the page, so they are written with escapes.
fn say(window: &str, command: &str, error: &CallError) {
    let (code, text) = (error.code.as_str(), &error.message);
    let what = match command {
        "" => "a frame".into(),
        name => format!("a call of {name:?}"),
    };
    if is_for_the_author(error.code) {
        log::warn!(window, code; "{code}: {what} by window {window:?}: {text}");
    } else {
        log::debug!("{code}: {what} by window {window:?}: {text}");
    }
}

/// Whether the app's author may have to act. Other errors are normal for commands and pages.
const fn is_for_the_author(code: ErrorCode) -> bool {
    use ErrorCode as Code;
    matches!(
        code,
        Code::PermissionDenied
            | Code::Overloaded
            | Code::PayloadTooLarge
            | Code::ProtocolError
            | Code::WorkerLost
            | Code::Quarantined
            | Code::Unavailable
            | Code::Internal
    )
}
