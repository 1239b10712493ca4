//! Runs functions on the UI thread, through its event loop.

use std::{thread, time::Duration};

use crossbeam_channel::bounded;
use tauri::Wry;

/// Whether this is the UI thread. Only there a task runs at once.
pub(crate) fn is_here(app: &tauri::AppHandle<Wry>) -> bool {
    place(app) == ThreadLocation::Here
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ThreadLocation {
    Here,
    Elsewhere,
    /// The event loop has ended.
    Nowhere,
}

/// Where this thread is, as seen from the UI thread.
pub(super) fn place(app: &tauri::AppHandle<Wry>) -> ThreadLocation {
    let here = thread::current().id();
    let (tell, told) = bounded(1);
    let look = move || tell.try_send(thread::current().id()).unwrap_or_default();
    match app.run_on_main_thread(look) {
        Err(_) => ThreadLocation::Nowhere,
        Ok(()) if told.try_recv() == Ok(here) => ThreadLocation::Here,
        Ok(()) => ThreadLocation::Elsewhere,
    }
}

/// Runs `f` on the UI thread after everything that was queued there before, or at once if this is
/// the UI thread. `None`: it did not run within `patience`. Call it without the GIL.
pub(crate) fn run<T: Send + 'static>(
    app: &tauri::AppHandle<Wry>,
    patience: Duration,
    f: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = bounded(1);
    app.run_on_main_thread(move || drop(tell.try_send(f())))
        .ok()?;
    told.recv_timeout(patience).ok()
}
