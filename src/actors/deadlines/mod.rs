//! Tracks the deadlines of calls with one timer, and ends the calls that expire.

pub(crate) mod queue;
pub(crate) mod timer;
