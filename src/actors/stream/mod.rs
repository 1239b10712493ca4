//! Transfers the items of stream commands to the page that pulls them.

pub(crate) mod batch;
pub(crate) mod credit;
pub(crate) mod items;
pub(crate) mod machine;
