//! Contains the state machine of a worker pool, and its parts.

pub(crate) mod affinity;
pub(crate) mod health;
pub(crate) mod lifecycle;
pub(crate) mod machine;
pub(crate) mod member;
pub(crate) mod messages;
pub(crate) mod placement;
pub(crate) mod queue;
pub(crate) mod view;
