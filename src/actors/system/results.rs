//! Limits how many bytes of results the app holds until their pages have them.

use std::sync::Arc;

use super::System;
use crate::actors::{
    call::{
        cell::Call,
        request::Outcome,
        result_hold::{Counts, ResultHold},
    },
    ids::CallKey,
    supervisor::machine::SupervisorEvent,
};
use crate::error::CallError;

/// Smaller results are not counted, because the limit of calls bounds them well enough.
const COUNTED: usize = 64 * 1024;

impl System {
    /// Returns the outcome, or an error if the result is too large.
    pub(crate) fn fit(&self, outcome: Outcome) -> Outcome {
        let (size, limit) = (outcome.size(), self.limits.result_bytes);
        if size > limit {
            return Outcome::Error(CallError::result_too_large(size, limit));
        }
        outcome
    }

    /// Counts a large result until the call's hold is dropped.
    pub(crate) fn weigh(self: &Arc<Self>, call: &Call, outcome: &Outcome) {
        let bytes = outcome.size();
        if bytes < COUNTED || call.is_settled() {
            return;
        }
        let key = call.key();
        self.tell(SupervisorEvent::Answered { call: key, bytes });
        call.put_result_hold(ResultHold::new(Arc::<Self>::downgrade(self), key));
    }
}

impl Counts for System {
    fn handed_over(self: Arc<Self>, call: CallKey) {
        self.tell(SupervisorEvent::HandedOver { call });
    }
}
