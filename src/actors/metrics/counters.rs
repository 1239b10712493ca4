//! Counts how calls ended, and events such as dropped messages, killed workers and panics.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::error::ErrorCode;

/// What is counted besides the ends of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// A panic was contained.
    Panic,
    /// An event loop did not turn for a second.
    ExecutorStalled,
    /// A call's thread was interrupted.
    Interrupt,
    /// A worker process was started; those beyond a pool's size were restarts.
    WorkerStart,
    /// A worker process was killed.
    WorkerKill,
    /// An event was dropped because its page was far behind.
    DroppedEvent,
    /// A message was refused because its page was far behind and the sender may not wait.
    RefusedMessage,
}

impl Count {
    const ALL: [Self; 7] = [
        Self::Panic,
        Self::ExecutorStalled,
        Self::Interrupt,
        Self::WorkerStart,
        Self::WorkerKill,
        Self::DroppedEvent,
        Self::RefusedMessage,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::ExecutorStalled => "executor-stalled",
            Self::Interrupt => "interrupt",
            Self::WorkerStart => "worker-start",
            Self::WorkerKill => "worker-kill",
            Self::DroppedEvent => "dropped-event",
            Self::RefusedMessage => "refused-message",
        }
    }
}

/// The counters of one app: calls by how they ended, and other events.
#[derive(Debug, Default)]
pub struct Counters {
    values: AtomicU64,
    errors: [AtomicU64; ErrorCode::ALL.len()],
    others: [AtomicU64; Count::ALL.len()],
}

impl Counters {
    pub(crate) fn value(&self) {
        self.values.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn error(&self, code: ErrorCode) {
        self.errors[code as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, what: Count) {
        self.others[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often each result occurred: `value`, each error code and each [`Count`].
    pub fn read(&self) -> BTreeMap<&'static str, u64> {
        let errors = ErrorCode::ALL.iter().map(|code| code.as_str());
        let others = Count::ALL.iter().map(|what| what.as_str());
        std::iter::once(("value", &self.values))
            .chain(errors.zip(&self.errors))
            .chain(others.zip(&self.others))
            .map(|(name, count)| (name, count.load(Ordering::Relaxed)))
            .collect()
    }
}
