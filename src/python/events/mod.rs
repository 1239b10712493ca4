//! Lets Python exchange events and channel messages with the pages.

pub(crate) mod channel;
pub(crate) mod emitter;
pub(crate) mod event_name;
pub(crate) mod event_queue;
pub(crate) mod event_target;
pub(crate) mod listener;
pub(crate) mod listening;
pub(crate) mod losses;
pub(crate) mod room;
pub(crate) mod targeted;
