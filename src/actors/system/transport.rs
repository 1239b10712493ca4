//! Defines `Transport`, the trait of an event loop, a thread set or a pool that runs calls.

use std::sync::Arc;

use super::call_guard::CallGuard;
use crate::actors::{call::cell::Call, command::key::KeySource};

/// What runs the calls of an executor: an event loop, threads, or a pool of processes.
///
/// All methods are called from whichever thread brought the message, which may be the UI thread:
/// they must not block, wait for another thread, or run user code.
pub trait Transport: Send + Sync {
    /// Runs a call. Dropping the guard ends its work in any case.
    fn start(&self, call: CallGuard);

    /// Asks a started call to stop.
    fn stop_call(&self, call: &Arc<Call>);

    /// Notes that no more calls will come. Those that were started are told to stop after this.
    fn drain(&self) {}

    /// Notes that nothing runs and nothing will come.
    fn stop(&self);

    /// The key that it also needs of each call of a command, to choose where the call runs.
    fn key_source(&self, _command: &str) -> KeySource {
        KeySource::App
    }

    /// How many of the started calls wait inside the transport.
    fn waiting(&self) -> usize {
        0
    }
}
