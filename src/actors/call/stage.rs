//! Marks how far a call has come on its way through the actors.
//!
//! An actor that is restarted reads there which calls it had.

use std::sync::{
    OnceLock,
    atomic::{AtomicU8, Ordering},
};

use crate::actors::ids::Name;

/// The stages of a call, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CallStage {
    /// The supervisor has not admitted it.
    Arrived,
    /// The app has room for it, and its window is asked.
    Routed,
    /// Its window has admitted it, and its command is asked.
    Requested,
    /// It has a permit, and its executor is asked.
    Dispatched,
    /// Its executor runs it.
    Started,
    /// Its work has ended.
    Over,
}

/// The stage of one call, and the executor that it went to.
#[derive(Debug)]
pub(crate) struct StageMark {
    stage: AtomicU8,
    executor: OnceLock<Name>,
}

impl Default for StageMark {
    fn default() -> Self {
        Self {
            stage: AtomicU8::new(CallStage::Arrived as u8),
            executor: OnceLock::new(),
        }
    }
}

impl StageMark {
    /// Notes that the call has come this far. It never goes back.
    pub(crate) fn reach(&self, stage: CallStage) {
        self.stage.fetch_max(stage as u8, Ordering::AcqRel);
    }

    /// Notes that the call goes to an executor.
    pub(crate) fn dispatch(&self, executor: &Name) {
        self.executor.get_or_init(|| executor.clone());
        self.reach(CallStage::Dispatched);
    }

    /// Whether the call has come this far.
    pub(crate) fn has_reached(&self, stage: CallStage) -> bool {
        self.stage.load(Ordering::Acquire) >= stage as u8
    }

    /// The executor that the call went to, while it is there or on its way.
    pub(crate) fn executor(&self) -> Option<&Name> {
        self.executor.get()
    }
}
