//! Counts what a call in a worker sends to its page: the messages of its channels, and its events.

use crate::actors::{Credit, MESSAGES};

/// The credit of one call for all that it sends to its page.
pub(crate) struct PageCredit {
    pub(crate) credit: Credit,
    /// The number of messages and events that the call has sent.
    pub(crate) sent: u64,
}

impl PageCredit {
    pub(crate) fn new() -> Self {
        Self {
            credit: Credit::new(MESSAGES),
            sent: 0,
        }
    }

    pub(crate) fn spend(&mut self, size: usize) -> Result<(), String> {
        if !self.credit.fits(size) {
            return Err("a message without credit".into());
        }
        self.credit.spend(size);
        self.sent += 1;
        Ok(())
    }

    /// Resets the count for a second run.
    pub(crate) fn run_again(&mut self) {
        *self = Self::new();
    }
}
