//! Ends an app that Python runs: on request, by a signal, and where it cannot end by itself.
//!
//! | file | job |
//! | --- | --- |
//! | `shutdown` | ends an app in order: windows, work, loop |
//! | `signals` | ends it on Ctrl-C and SIGTERM, unless the program has a handler of its own |
//! | `exit_watchdog` | ends a process that cannot end by itself |

pub(crate) mod exit_watchdog;
pub(crate) mod shutdown;
pub(crate) mod signals;
