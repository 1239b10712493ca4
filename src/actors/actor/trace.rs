//! Records the latest steps of the actors, for tests and debugging.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;

use super::machine::Machine;
use crate::actors::ids::CallKey;

const KEPT: usize = 4096;

/// One step of one actor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceEntry {
    /// The actor's kind.
    pub actor: &'static str,
    /// The call that it was about.
    pub call: Option<CallKey>,
    /// The message, as JSON.
    pub event: serde_json::Value,
}

/// The record. It is off until it is turned on, and then keeps the last 4,096 steps.
#[derive(Debug, Default)]
pub struct Trace {
    on: AtomicBool,
    entries: Mutex<VecDeque<TraceEntry>>,
    #[cfg(any(test, feature = "faults"))]
    pub(in crate::actors) faults: super::faults::Faults,
}

impl Trace {
    /// Starts or ends the record.
    pub fn turn(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// Takes what was recorded.
    pub fn take(&self) -> Vec<TraceEntry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *entries).into()
    }

    pub(super) fn record<M: Machine>(&self, event: &M::Event) {
        log::trace!(target: "transom::actors", "{} {event:?}", M::KIND);
        if !self.on.load(Ordering::Relaxed) {
            return;
        }
        let entry = TraceEntry {
            actor: M::KIND,
            call: M::call_of(event),
            event: serde_json::to_value(event).unwrap_or_default(),
        };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}
