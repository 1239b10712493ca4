//! Implements a `tracing` subscriber that panics where calls are accepted, taken and answered.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Panics for calls of certain commands.
#[derive(Default)]
pub(crate) struct Panics {
    accepts: AtomicBool,
}

const NOTHING: u64 = 1;
const TAKEN: u64 = 2;
const ANSWERED: u64 = 3;
const ENDED: u64 = 4;

impl Subscriber for Panics {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "transom::call"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut command = Command::default();
        span.record(&mut command);
        let kind = match command.0.as_str() {
            // Every other time, the first one included.
            "panic_when_accepted" => {
                let accepts = self.accepts.fetch_not(Ordering::Relaxed);
                assert!(accepts, "as the command asks, when accepted");
                NOTHING
            }
            "panic_when_taken" => TAKEN,
            "panic_when_answered" => ANSWERED,
            "panic_when_ended" => ENDED,
            _ => NOTHING,
        };
        Id::from_u64(kind)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let (field, when) = match span.into_u64() {
            TAKEN => ("executor", "taken"),
            ANSWERED => ("outcome", "answered"),
            ENDED => ("total_us", "ended"),
            _ => return,
        };
        let mut sets = Sets(field, false);
        values.record(&mut sets);
        assert!(!sets.1, "as the command asks, when {when}");
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The command that a new span is about.
#[derive(Default)]
struct Command(String);

impl Visit for Command {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "command" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Whether a record sets this field.
struct Sets(&'static str, bool);

impl Visit for Sets {
    fn record_debug(&mut self, field: &Field, _: &dyn fmt::Debug) {
        self.1 |= field.name() == self.0;
    }
}
