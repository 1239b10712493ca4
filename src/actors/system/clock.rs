//! Tells the machines the time: milliseconds since the app began.

use std::time::{Duration, Instant};

use super::System;
use crate::sync::clock;

impl System {
    /// The time now.
    pub(crate) fn now(&self) -> u64 {
        millis(clock::since(self.begin).as_millis())
    }

    /// The first whole millisecond at which this moment has come.
    pub(crate) fn millis_until(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.begin);
        millis(since.as_nanos().div_ceil(1_000_000))
    }

    /// The moment at which it is that time. `None`: it is beyond the range of the clock, and never
    /// comes.
    pub(crate) fn moment(&self, at: u64) -> Option<Instant> {
        self.begin.checked_add(Duration::from_millis(at))
    }
}

fn millis(count: u128) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
