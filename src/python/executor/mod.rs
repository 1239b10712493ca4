//! Runs calls in this process: on an event loop, or in Python threads.

pub(crate) mod call;
pub(crate) mod contention;
pub(crate) mod inbox;
pub(crate) mod limits_clock;
pub(crate) mod waker;
pub(crate) mod watchdog;
