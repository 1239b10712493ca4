//! Limits how many calls of one command run at once, and queues the others.

mod json_values;
pub(crate) mod key;
pub(crate) mod key_reader;
pub(crate) mod machine;
pub(crate) mod messages;
mod permits;
pub(crate) mod queue;
pub(crate) mod spec;
