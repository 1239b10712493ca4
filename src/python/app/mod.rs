//! Lets Python build, run and end an app.

pub(crate) mod app_handle;
#[cfg(feature = "wheel")]
pub(crate) mod assets;
#[cfg(feature = "wheel")]
pub(crate) mod builder;
#[cfg(feature = "wheel")]
pub(crate) mod context;
#[cfg(feature = "wheel")]
pub(crate) mod exit_watchdog;
pub(crate) mod manager;
pub(crate) mod page_data;
#[cfg(feature = "wheel")]
pub(crate) mod panics;
pub(crate) mod path;
// Without the wheel no Python callback is told of every event of the app.
#[cfg_attr(not(feature = "wheel"), expect(dead_code))]
pub(crate) mod run_event;
#[cfg(feature = "wheel")]
pub(crate) mod shutdown;
#[cfg(feature = "wheel")]
pub(crate) mod signals;
#[cfg(not(feature = "wheel"))]
pub(crate) mod unsupported;
