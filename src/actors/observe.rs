//! What is counted, timed and logged of a call. Nothing here decides.

use serde::Serialize;

use super::{
    call::Call, counters::Count, gauges::Gauges, latency::CommandLatency, request::Outcome,
    system::System,
};
use crate::error::{CallError, ErrorCode};

/// Everything that can be measured of an app.
#[derive(Debug, Clone, Serialize)]
pub struct Metrics {
    /// What is held now.
    pub gauges: Gauges,
    /// How often something happened since the start; by the code of an error, `value`, or the
    /// name of an event.
    pub counters: std::collections::BTreeMap<&'static str, u64>,
    /// How long calls took, by command.
    pub latencies: std::collections::BTreeMap<String, CommandLatency>,
}

/// How a call was answered.
pub(super) struct Ended(Option<CallError>);

impl Ended {
    /// Before the outcome is given away.
    pub(super) fn with(outcome: &Outcome) -> Self {
        Self(match outcome {
            Outcome::Error(error) => Some(CallError::new(error.code, error.message.clone())),
            Outcome::Json(_) | Outcome::Raw(_) => None,
        })
    }
}

impl System {
    /// Everything that can be measured.
    pub fn metrics(&self) -> Metrics {
        Metrics {
            gauges: self.gauges(),
            counters: self.counters.read(),
            latencies: self.latencies.read(),
        }
    }

    /// Something happened that has a counter.
    pub fn count(&self, what: Count) {
        self.counters.count(what);
    }

    /// Whether an executor has calls.
    pub fn is_busy(&self, executor: &str) -> bool {
        self.executors.get(executor).is_some_and(|handle| {
            let gauges = handle.actor.look(super::ExecutorMachine::gauges);
            gauges.running + gauges.waiting > 0
        })
    }

    /// A frame of a window was refused before it was a call.
    pub fn note_refused_frame(&self, window: &str, command: &str, error: &CallError) {
        self.counters.error(error.code);
        say(window, command, error);
    }

    /// A call was answered.
    pub(super) fn note_answer(&self, call: &Call, Ended(error): Ended) {
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

    /// A call's work ended.
    pub(super) fn note_end(&self, call: &Call) {
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

/// Names are the page's word, so they are written with escapes.
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

/// Whether somebody may have to act. The others are the daily business of commands and pages.
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
