//! Runs functions on the UI thread, through Tauri's event loop.

use std::{thread, time::Duration};

use crossbeam_channel::bounded;
use tauri::Wry;

/// Whether this is the UI thread. Only there a task runs at once.
pub(crate) fn is_here(app: &tauri::AppHandle<Wry>) -> bool {
    let here = thread::current().id();
    let (tell, told) = bounded(1);
    let look = move || tell.try_send(thread::current().id()).unwrap_or_default();
    app.run_on_main_thread(look).is_ok() && told.try_recv() == Ok(here)
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
