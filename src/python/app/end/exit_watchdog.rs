//! Ends a process that cannot end by itself, without the GIL, which C code may hold for ever.

use std::{
    io::{self, Write as _},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use crate::host::Host;

/// Ends the process unless it is dropped in time.
#[derive(Debug)]
pub(crate) struct ExitWatchdog(Arc<(Mutex<bool>, Condvar)>);

impl ExitWatchdog {
    /// Ends the process with `code` if the result is not dropped within `patience`, and reports
    /// which calls of `host` still run.
    pub(crate) fn arm(patience: Duration, code: i32, host: &Arc<Host>) -> io::Result<Self> {
        let state = Arc::new((Mutex::new(false), Condvar::new()));
        let (watched, host) = (Arc::clone(&state), Arc::clone(host));
        thread::Builder::new()
            .name("transom-exit-watchdog".into())
            .spawn(move || {
                let (disarmed, bell) = &*watched;
                let guard = disarmed.lock().unwrap_or_else(PoisonError::into_inner);
                let (guard, _) = bell
                    .wait_timeout_while(guard, patience, |disarmed| !*disarmed)
                    .unwrap_or_else(PoisonError::into_inner);
                if !*guard {
                    tell(&host);
                    end_process(code);
                }
            })?;
        Ok(Self(state))
    }
}

impl Drop for ExitWatchdog {
    fn drop(&mut self) {
        let (disarmed, bell) = &*self.0;
        *disarmed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        bell.notify_all();
    }
}

/// Writes to the standard error directly, because a Python logger may never get to run.
fn tell(host: &Host) {
    let calls = host.system.calls();
    let names: Vec<_> = calls
        .iter()
        .map(|call| format!("`{}` of `{}`", call.request.command, call.request.window))
        .collect();
    let what = match names.as_slice() {
        [] => "Python code that holds the interpreter".to_owned(),
        names => names.join(", "),
    };
    // There is nobody left to tell that it failed.
    let _ = writeln!(
        io::stderr(),
        "transom: the process ends without {what}, which does not end"
    );
}

/// Ends the process without exit handlers, because these may wait for what hangs.
#[cfg(unix)]
#[expect(unsafe_code)]
fn end_process(code: i32) -> ! {
    // SAFETY: it has no preconditions.
    unsafe { libc::_exit(code) }
}

#[cfg(not(unix))]
fn end_process(code: i32) -> ! {
    std::process::exit(code)
}
