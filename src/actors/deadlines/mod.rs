//! Tracks the deadlines of calls with one timer, and ends the calls that expire.

pub(crate) mod alarms;
pub(crate) mod machine;
