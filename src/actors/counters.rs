//! One counter for each denial, drop and fault.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::error::ErrorCode;

/// Counts how calls ended, by code, and faults contained.
#[derive(Debug, Default)]
pub struct Counters {
    values: AtomicU64,
    errors: [AtomicU64; ErrorCode::ALL.len()],
    panics: AtomicU64,
}

impl Counters {
    pub(super) fn value(&self) {
        self.values.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn error(&self, code: ErrorCode) {
        self.errors[code as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn panic(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
    }

    /// `value`, each error code and `panic`, with how often.
    pub fn read(&self) -> BTreeMap<&'static str, u64> {
        let errors = ErrorCode::ALL.iter().zip(&self.errors);
        errors
            .map(|(code, count)| (code.as_str(), count.load(Ordering::Relaxed)))
            .chain([
                ("value", self.values.load(Ordering::Relaxed)),
                ("panic", self.panics.load(Ordering::Relaxed)),
            ])
            .collect()
    }
}
