//! Admits the calls of one window, and ends them when its document or the window goes.

pub(crate) mod glob;
pub(crate) mod held_calls;
pub(crate) mod machine;
pub(crate) mod messages;
pub(crate) mod scope;
pub(crate) mod seen_ids;
