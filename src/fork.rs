//! Whether this process is a fork of the one that the app runs in.
//!
//! A fork has one thread and a copy of the memory: locks that other threads held stay locked, the
//! queues have nobody who reads them, and the descriptors are those of the app itself. What Python
//! can call asks [`is_child`] before it does anything else.

use std::sync::{
    Once,
    atomic::{AtomicBool, Ordering},
};

static CHILD: AtomicBool = AtomicBool::new(false);
static WATCHED: Once = Once::new();

/// Whether this process was forked from one that had called [`watch`].
pub(crate) fn is_child() -> bool {
    CHILD.load(Ordering::Relaxed)
}

/// From now on forks of this process know that they are forks.
pub(crate) fn watch() {
    WATCHED.call_once(register);
}

#[cfg(unix)]
#[expect(unsafe_code, reason = "no safe function registers what runs in a fork")]
fn register() {
    unsafe extern "C" fn mark() {
        CHILD.store(true, Ordering::Relaxed);
    }
    // SAFETY: `mark` lives as long as the process, and storing into an atomic is all that it does,
    // which is allowed in the fork of a process with threads.
    let refused = unsafe { libc::pthread_atfork(None, None, Some(mark)) };
    if refused != 0 {
        log::error!("forks of this process cannot be told from it: {refused}");
    }
}

#[cfg(not(unix))]
fn register() {}
