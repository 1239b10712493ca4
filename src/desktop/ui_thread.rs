//! Runs functions on the UI thread, through its event loop.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crossbeam_channel::bounded;
use tauri::Wry;

/// Whether this is the UI thread. Only there a task runs at once.
pub(crate) fn is_here(app: &tauri::AppHandle<Wry>) -> bool {
    place(app) == Place::Here
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Here,
    Elsewhere,
    /// The event loop has ended.
    Nowhere,
}

fn place(app: &tauri::AppHandle<Wry>) -> Place {
    let here = thread::current().id();
    let (tell, told) = bounded(1);
    let look = move || tell.try_send(thread::current().id()).unwrap_or_default();
    match app.run_on_main_thread(look) {
        Err(_) => Place::Nowhere,
        Ok(()) if told.try_recv() == Ok(here) => Place::Here,
        Ok(()) => Place::Elsewhere,
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

/// Why a function gave no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// The event loop has ended.
    Ended,
    /// The UI thread did not get to it in time, and will not run it.
    Late,
    Panicked,
}

/// Like [`run`], also while the UI thread shows a context menu or a dialog, and contains panics.
pub(crate) fn ask<T: Send + 'static>(
    app: &tauri::AppHandle<Wry>,
    patience: Duration,
    f: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unanswered> {
    let contained = move || catch_unwind(AssertUnwindSafe(f)).map_err(|_| Unanswered::Panicked);
    match place(app) {
        Place::Nowhere => return Err(Unanswered::Ended),
        Place::Here => return contained(),
        Place::Elsewhere => {}
    }
    let (tell, told) = bounded(1);
    let taken = Arc::new(AtomicBool::new(false));
    let takes = Arc::clone(&taken);
    post(app, move || {
        if !takes.swap(true, Ordering::AcqRel) {
            tell.try_send(contained()).unwrap_or_default();
        }
    });
    if let Ok(answer) = told.recv_timeout(patience) {
        return answer;
    }
    if !taken.swap(true, Ordering::AcqRel) {
        return Err(Unanswered::Late);
    }
    // It has begun, so its answer comes.
    told.recv().unwrap_or(Err(Unanswered::Late))
}

/// Queues `f` for the UI thread. While a context menu is open, only GTK's own loop turns, and not
/// the one that Tauri's tasks wait for.
#[cfg(target_os = "linux")]
pub(crate) fn post(_: &tauri::AppHandle<Wry>, f: impl FnOnce() + Send + 'static) {
    use gtk::glib::{ControlFlow, MainContext, Priority, source::idle_source_new};

    let mut f = Some(f);
    let run_once = move || {
        if let Some(f) = f.take() {
            f();
        }
        ControlFlow::Break
    };
    idle_source_new(None, Priority::DEFAULT, run_once).attach(Some(&MainContext::default()));
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn post(app: &tauri::AppHandle<Wry>, f: impl FnOnce() + Send + 'static) {
    // It fails when the loop has ended, and then nobody waits for long.
    let _ = app.run_on_main_thread(f);
}
