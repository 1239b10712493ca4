//! Limits how much may be in transit to a page by channels and events (backpressure).

pub(crate) mod amount;
pub(crate) mod machine;
pub(crate) mod message;
pub(crate) mod outgoing;
