//! Finds out what starts this app, its own executable or Python with a script, and restarts it.
//!
//! | file | job |
//! | --- | --- |
//! | `command` | asks Python for the commands that start the app |
//! | `desktop_entry` | writes commands as files of the desktop have them |
//! | `restart` | (feature `python-main`) starts the app again when its process has ended |
//! | `identity` | (feature `python-main`, Linux) gives windows the app's name instead of Python's |

pub(crate) mod command;
#[cfg(feature = "_plugin")]
pub(crate) mod desktop_entry;
#[cfg(all(feature = "python-main", target_os = "linux"))]
pub(crate) mod identity;
#[cfg(feature = "python-main")]
pub(crate) mod restart;
