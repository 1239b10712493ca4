//! Results between their settling and their pages.

use std::sync::{Arc, Weak};

use super::{
    call::Call, message::CallKey, request::Outcome, supervisor::SupervisorEvent, system::System,
};
use crate::error::CallError;

/// Smaller results are not counted: the limit of calls bounds them well enough.
const COUNTED: usize = 64 * 1024;

/// A large result on its way. Dropped when it is handed over.
#[derive(Debug)]
pub struct Parcel {
    system: Weak<System>,
    call: CallKey,
}

impl Drop for Parcel {
    fn drop(&mut self) {
        if let Some(system) = self.system.upgrade() {
            system.tell(SupervisorEvent::HandedOver { call: self.call });
        }
    }
}

impl System {
    /// The outcome, or the error of a result that is too large.
    pub(super) fn fit(&self, outcome: Outcome) -> Outcome {
        let (size, limit) = (outcome.size(), self.limits.result_bytes);
        if size > limit {
            return Outcome::Error(CallError::result_too_large(size, limit));
        }
        outcome
    }

    /// Counts a large result until the call's parcel is dropped.
    pub(super) fn weigh(self: &Arc<Self>, call: &Call, outcome: &Outcome) {
        let bytes = outcome.size();
        if bytes < COUNTED || call.is_settled() {
            return;
        }
        let (system, key) = (Arc::downgrade(self), call.key());
        self.tell(SupervisorEvent::Answered { call: key, bytes });
        call.put_parcel(Parcel { system, call: key });
    }
}
