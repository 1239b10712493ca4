//! Represents one call: the request, the state that decides its outcome once, and its result.

pub(crate) mod cancel_hooks;
pub(crate) mod cell;
pub(crate) mod request;
pub(crate) mod result_hold;
pub(crate) mod stage;
pub(crate) mod stopping;
pub(crate) mod work_end;
