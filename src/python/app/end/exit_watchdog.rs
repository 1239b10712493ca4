//! Ends a process that cannot end by itself, without the GIL, which C code may hold for ever.

use std::{
    io::{self, Write as _},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

use crate::host::Host;

/// Ends the process unless it is dropped in time.
#[derive(Debug)]
pub(crate) struct ExitWatchdog(Arc<(Mutex<bool>, Condvar)>);

impl ExitWatchdog {
    /// Ends the process with `code` if the result is not dropped within `patience`, and reports
    /// what it waits for.
    pub(crate) fn arm(
        patience: Duration,
        code: i32,
        waits_for: impl FnOnce() -> String + Send + 'static,
    ) -> io::Result<Self> {
        let state = Arc::new((Mutex::new(false), Condvar::new()));
        let watched = Arc::clone(&state);
        thread::Builder::new()
            .name("transom-exit-watchdog".into())
            .spawn(move || {
                let (disarmed, bell) = &*watched;
                let guard = disarmed.lock().unwrap_or_else(PoisonError::into_inner);
                let (guard, _) = bell
                    .wait_timeout_while(guard, patience, |disarmed| !*disarmed)
                    .unwrap_or_else(PoisonError::into_inner);
                if !*guard {
                    tell(&waits_for());
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

/// What the end of an app waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum ExitStage {
    /// The UI thread has to hear of the request, or to end its loop.
    UiThread,
    /// Calls have to end.
    Work,
    /// Callbacks have to end, and the main thread needs the interpreter's lock.
    Python,
}

/// A place that one thread sets and another one reads.
#[derive(Debug, Default)]
pub(super) struct WaitsFor(AtomicU8);

impl WaitsFor {
    pub(super) fn set(&self, place: ExitStage) {
        self.0.store(place as u8, Ordering::Relaxed);
    }

    pub(super) fn describe(&self, host: &Host) -> String {
        if self.0.load(Ordering::Relaxed) == ExitStage::UiThread as u8 {
            return "the UI thread, which is busy: in `setup`, in a function of \
                    `run_on_main_thread`, in a signal handler, or with windows"
                .to_owned();
        }
        work(host)
    }
}

/// The calls that run, or else what keeps Python from going on.
pub(in crate::python::app) fn work(host: &Host) -> String {
    let calls = host.system.calls();
    let names: Vec<_> = calls
        .iter()
        .map(|call| format!("`{}` of `{}`", call.request.command, call.request.window))
        .collect();
    match names.as_slice() {
        [] => "Python code that holds the interpreter, which does not end".to_owned(),
        names => format!("{}, which does not end", names.join(", ")),
    }
}

/// Writes to the standard error directly, because a Python logger may never get to run.
fn tell(waits_for: &str) {
    // There is nobody left to tell that it failed.
    let _ = writeln!(
        io::stderr(),
        "transom: the process ends without {waits_for}"
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
