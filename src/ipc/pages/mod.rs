//! Sends to pages what they did not ask for: channel messages, events and scripts.

pub(crate) mod channels;
pub(crate) mod open_channels;
pub(crate) mod page;
pub(crate) mod registry;
pub(crate) mod scripts;
