//! Ends what runs Python code for an app: first its calls, then its callbacks.

use std::time::Duration;

use crate::{
    host::Host,
    python::{callbacks::threads, events::listening},
};

/// How long the end of an app may take before what still runs is left behind.
pub(crate) const EXIT_CEILING: Duration = Duration::from_secs(6);
const CALLBACKS_CEILING: Duration = Duration::from_secs(1);

/// Ends the calls and the callbacks. Call it without the GIL.
pub(crate) fn end(host: &Host) {
    drain(host, EXIT_CEILING);
    stop_callbacks();
}

/// Ends the calls of an app. Call it without the GIL.
pub(crate) fn drain(host: &Host, patience: Duration) {
    listening::hurry_emitters();
    if !host.system.drain(patience) {
        log::warn!("some Python code still runs and is left behind at exit");
    }
}

/// Ends the callbacks of an app. Call it without the GIL.
pub(crate) fn stop_callbacks() {
    threads::stop(CALLBACKS_CEILING);
}
