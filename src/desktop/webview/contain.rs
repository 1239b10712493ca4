//! Contains panics in functions that C code calls.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{actors::Count, host::Host};

/// Runs `act` and contains its panic, which would end the process if it reached the C code.
pub(crate) fn contain<T>(host: &Host, act: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(act))
        .inspect_err(|_| {
            host.system.count(Count::Panic);
            log::error!("a panic at the edge of the bridge was contained");
        })
        .ok()
}
