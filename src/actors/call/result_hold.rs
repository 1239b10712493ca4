//! Counts a large result against the app's limit until its page has it.

use std::sync::{Arc, Weak};

use crate::actors::ids::CallKey;

/// Whoever counts the results that are in transit to pages.
pub(crate) trait Counts: Send + Sync {
    /// Notes that the page has the result of a call.
    fn handed_over(self: Arc<Self>, call: CallKey);
}

/// Stands for a large result in transit. It is dropped when the page has the result.
#[derive(Debug)]
pub struct ResultHold {
    counts: Weak<dyn Counts>,
    call: CallKey,
}

impl ResultHold {
    pub(crate) fn new(counts: Weak<dyn Counts>, call: CallKey) -> Self {
        Self { counts, call }
    }
}

impl Drop for ResultHold {
    fn drop(&mut self) {
        if let Some(counts) = self.counts.upgrade() {
            counts.handed_over(self.call);
        }
    }
}
