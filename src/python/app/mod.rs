//! Lets Python build, run and end an app.

pub(crate) mod app_handle;
#[cfg(feature = "wheel")]
pub(crate) mod assets;
#[cfg(feature = "python-main")]
pub(crate) mod builder;
#[cfg(feature = "python-main")]
pub(crate) mod context;
#[cfg(feature = "python-main")]
pub(crate) mod exit_watchdog;
pub(crate) mod manager;
pub(crate) mod page_data;
#[cfg(feature = "python-main")]
pub(crate) mod panics;
pub(crate) mod path;
// No Python callback is told of every event of an app that is built in Rust.
#[cfg_attr(not(feature = "python-main"), expect(dead_code))]
pub(crate) mod run_event;
#[cfg(feature = "python-main")]
pub(crate) mod shutdown;
#[cfg(feature = "python-main")]
pub(crate) mod signals;
#[cfg(not(feature = "wheel"))]
pub(crate) mod unsupported;
#[cfg(feature = "wheel")]
pub(crate) mod wheel;
