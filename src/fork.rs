//! Detects that this process was forked from the one that runs the app.
//!
//! A fork has one thread and a copy of the memory: locks that other threads held stay locked, the
//! queues have no readers, and the file descriptors are shared with the app. Every function that
//! Python can call asks [`is_child`] before it does anything else.

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

/// Makes forks of this process, from now on, know that they are forks.
pub(crate) fn watch() {
    WATCHED.call_once(register);
}

#[cfg(unix)]
#[expect(unsafe_code, reason = "no safe function registers what runs in a fork")]
fn register() {
    unsafe extern "C" fn mark() {
        CHILD.store(true, Ordering::Relaxed);
        exit::skip_clean_up();
    }
    // SAFETY: `mark` lives as long as the process. It stores into an atomic and registers a
    // function, for which the C library allocates at most, as it may in the fork of a process with
    // threads.
    let refused = unsafe { libc::pthread_atfork(None, None, Some(mark)) };
    if refused != 0 {
        log::error!("forks of this process cannot be told from it: {refused}");
    }
}

#[cfg(not(unix))]
fn register() {}

/// How a fork exits that does not come back to the app's code: one that a thread of the program's
/// author made and that ends with its function, or one made before or after `run`.
///
/// `exit` would call what WebKit, GTK and the graphics libraries have registered for it. That waits
/// for locks that threads of the parent held, which nobody releases in the fork.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod exit {
    use std::ffi::{c_int, c_void};

    #[expect(
        unsafe_code,
        reason = "functions of the C library that `libc` does not have"
    )]
    unsafe extern "C" {
        fn on_exit(call: extern "C" fn(c_int, *mut c_void), with: *mut c_void) -> c_int;
        fn fflush_unlocked(stream: *mut libc::FILE) -> c_int;
        static stdout: *mut libc::FILE;
    }

    /// Lets `exit` call nothing that was registered before now.
    #[expect(unsafe_code, reason = "no safe function registers what `exit` calls")]
    pub(super) fn skip_clean_up() {
        // SAFETY: `leave` lives as long as the process and takes no argument.
        unsafe { on_exit(leave, std::ptr::null_mut()) };
    }

    extern "C" fn leave(code: c_int, _: *mut c_void) {
        // SAFETY: this is the process's last thread. `exit` flushes without a lock, too.
        #[expect(
            unsafe_code,
            reason = "no safe function ends a process with its output but no more"
        )]
        unsafe {
            fflush_unlocked(stdout);
            libc::_exit(code)
        }
    }
}

/// Other C libraries do not tell what `exit` calls the code that the process ends with.
#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu"))))]
mod exit {
    pub(super) const fn skip_clean_up() {}
}
