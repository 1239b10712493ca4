//! Keeps the handlers of tray icon events, and posts calls of them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use pyo3::prelude::*;
use tauri::Wry;

use super::tray_icon::TrayIcon;
use crate::python::{
    callbacks::{callback::Callback, subscription::Subscription},
    gil,
    host::reach::Reach,
    menus::menu::held::handle_of,
    values::tray_icon_event::TrayIconEvent,
};

struct TrayHandler {
    number: u64,
    /// The tray icon. `None`: all of them.
    tray: Option<String>,
    reach: Option<Arc<Reach>>,
    callback: Callback,
}

static HANDLERS: Mutex<Vec<TrayHandler>> = Mutex::new(Vec::new());
/// Whether Tauri tells of tray icon events.
static HOOKED: AtomicBool = AtomicBool::new(false);

fn handlers() -> MutexGuard<'static, Vec<TrayHandler>> {
    HANDLERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has `callback` called with an event of a tray icon, or of all of them.
pub(super) fn add(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    tray: Option<String>,
    reach: Option<Arc<Reach>>,
    callback: Callback,
) -> Subscription {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // Tauri forgets no handler, so it gets one. It holds a lock while it tells.
    gil::detach(py, || {
        if !HOOKED.swap(true, Ordering::AcqRel) {
            app.on_tray_icon_event(|app, event| {
                let id = event.id().0.clone();
                let told = || on_event(app, &event.into(), &id);
                if catch_unwind(AssertUnwindSafe(told)).is_err() {
                    log::error!("an event of a tray icon was lost to a panic");
                }
            });
        }
    });
    handlers().push(TrayHandler {
        number,
        tray,
        reach,
        callback,
    });
    Subscription::new(move || remove_all(|it| it.number == number))
}

/// Removes the handlers of a tray icon, which is gone.
pub(super) fn tray_ended(id: &str) {
    remove_all(|it| it.tray.as_deref() == Some(id));
}

fn remove_all(of: impl Fn(&TrayHandler) -> bool) {
    let mut all = handlers();
    let (ended, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut *all).into_iter().partition(of);
    *all = kept;
    drop(all);
    drop(ended);
}

/// Posts the calls for an event. For the UI thread: it takes no GIL.
fn on_event(app: &tauri::AppHandle<Wry>, event: &TrayIconEvent, id: &str) {
    let is_over = |it: &TrayHandler| it.reach.as_ref().is_some_and(|reach| !reach.is_open());
    remove_all(is_over);
    let told: Vec<_> = handlers()
        .iter()
        .filter(|it| it.tray.as_ref().is_none_or(|tray| tray == id))
        .map(|it| (it.tray.is_some(), it.reach.clone(), it.callback.clone()))
        .collect();
    let kind = matches!(event, TrayIconEvent::Move { .. }).then_some("tray-move");
    for (of_one, reach, callback) in told {
        let key = kind.map(|kind| callback.key(kind, id));
        let (app, event, id) = (app.clone(), event.clone(), id.to_owned());
        callback.post(
            key,
            move |py| {
                if of_one {
                    (TrayIcon::of(app, reach, id), event).into_pyobject(py)
                } else {
                    (handle_of(py, &app, reach.as_ref())?, event).into_pyobject(py)
                }
            },
            None,
        );
    }
}

/// How many handlers of tray icon events there are.
#[pyfunction]
fn tray_handlers() -> usize {
    handlers().len()
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(tray_handlers, module)?)
}
