//! Gives the Python side of an app access to its actors.

pub(crate) mod abandoned;
pub(crate) mod cancels;
pub(crate) mod delegates;
pub(crate) mod drain;
pub(crate) mod embed;
pub(crate) mod page;
pub(crate) mod python_host;
pub(crate) mod reach;
pub(crate) mod scoped_handles;
pub(crate) mod testing;
