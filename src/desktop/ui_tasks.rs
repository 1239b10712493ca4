//! Runs functions on the UI thread also while it shows a context menu or a dialog.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crossbeam_channel::bounded;
use tauri::Wry;

use super::ui_thread::{ThreadLocation, place};

/// Why a function gave no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UiTaskError {
    /// The event loop has ended.
    Ended,
    /// The UI thread did not get to it in time, and will not run it.
    Late,
    Panicked,
}

/// Runs `f` on the UI thread, or at once if this is the UI thread, and contains its panic. Call it
/// without the GIL.
pub(crate) fn ask<T: Send + 'static>(
    app: &tauri::AppHandle<Wry>,
    patience: Duration,
    f: impl FnOnce() -> T + Send + 'static,
) -> Result<T, UiTaskError> {
    let contained = move || catch_unwind(AssertUnwindSafe(f)).map_err(|_| UiTaskError::Panicked);
    match place(app) {
        ThreadLocation::Nowhere => return Err(UiTaskError::Ended),
        ThreadLocation::Here => return contained(),
        ThreadLocation::Elsewhere => {}
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
        return Err(UiTaskError::Late);
    }
    // It has begun, so its answer comes.
    told.recv().unwrap_or(Err(UiTaskError::Late))
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
