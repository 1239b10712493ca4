//! Handles the calls that workers run: their results, streams and channels come back here.

pub(crate) mod call;
pub(crate) mod channels;
pub(crate) mod inbound;
pub(crate) mod page_credit;
pub(crate) mod registry;
pub(crate) mod streams;
pub(crate) mod target;
