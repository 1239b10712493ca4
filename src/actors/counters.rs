//! One counter for each denial, drop, kill and fault.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::error::ErrorCode;

/// What is counted beside the ends of calls.
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
}

impl Count {
    const ALL: [Self; 5] = [
        Self::Panic,
        Self::ExecutorStalled,
        Self::Interrupt,
        Self::WorkerStart,
        Self::WorkerKill,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::ExecutorStalled => "executor-stalled",
            Self::Interrupt => "interrupt",
            Self::WorkerStart => "worker-start",
            Self::WorkerKill => "worker-kill",
        }
    }
}

/// Counts how calls ended, by code, and what else happened.
#[derive(Debug, Default)]
pub struct Counters {
    values: AtomicU64,
    errors: [AtomicU64; ErrorCode::ALL.len()],
    others: [AtomicU64; Count::ALL.len()],
}

impl Counters {
    pub(super) fn value(&self) {
        self.values.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn error(&self, code: ErrorCode) {
        self.errors[code as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count(&self, what: Count) {
        self.others[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// `value`, each error code and each [`Count`], with how often.
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
