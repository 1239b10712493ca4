//! Keeps the handlers of menu events, and posts calls of them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use dashmap::DashMap;
use pyo3::{prelude::*, types::PyTuple};
use tauri::{Manager as _, Wry};

use super::held::handle_of;
use crate::python::{
    callbacks::{callback::Callback, subscription::Subscription},
    gil,
    host::reach::Reach,
    window::{
        handlers::life_of,
        webview_window::{self, WebviewWindow},
    },
};

/// Whose handler it is, which it is called with.
#[derive(Clone)]
enum Owner {
    App(Option<Arc<Reach>>),
    Window(Box<tauri::WebviewWindow<Wry>>, Option<Arc<Reach>>),
}

impl Owner {
    fn is_there(&self) -> bool {
        match self {
            Self::App(reach) => reach.as_ref().is_none_or(|reach| reach.is_open()),
            Self::Window(window, _) => webview_window::is_open(window),
        }
    }
}

struct MenuHandler {
    number: u64,
    owner: Owner,
    callback: Callback,
}

/// The handlers for the events of all menus.
static HANDLERS: Mutex<Vec<MenuHandler>> = Mutex::new(Vec::new());
/// The handlers of items, by the id of the item.
static CLICKS: LazyLock<DashMap<String, Vec<(u64, Callback)>>> = LazyLock::new(DashMap::new);
/// Whether Tauri tells of menu events.
static HOOKED: AtomicBool = AtomicBool::new(false);
static NEXT: AtomicU64 = AtomicU64::new(1);

fn handlers() -> MutexGuard<'static, Vec<MenuHandler>> {
    HANDLERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has Tauri tell of menu events. Tauri forgets no handler, so it gets only this one. Call it
/// without the GIL: Tauri holds a lock while it tells.
pub(super) fn hook(app: &tauri::AppHandle<Wry>) {
    if !HOOKED.swap(true, Ordering::AcqRel) {
        app.on_menu_event(|app, event| {
            let told = || on_event(app, &event.id().0);
            if catch_unwind(AssertUnwindSafe(told)).is_err() {
                log::error!("a menu event was lost to a panic");
            }
        });
    }
}

/// The handler of an item. It ends with this.
pub(super) struct ClickHandler {
    id: String,
    number: u64,
}

/// Has `callback` called without arguments when an item with this id is chosen.
pub(super) fn on_click(id: &str, callback: Callback) -> ClickHandler {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    CLICKS
        .entry(id.to_owned())
        .or_default()
        .push((number, callback));
    let id = id.to_owned();
    ClickHandler { id, number }
}

impl Drop for ClickHandler {
    fn drop(&mut self) {
        let mut ended = None;
        if let Some(mut all) = CLICKS.get_mut(&self.id) {
            let at = all.iter().position(|(number, _)| *number == self.number);
            ended = at.map(|at| all.swap_remove(at));
        }
        CLICKS.remove_if(&self.id, |_, all| all.is_empty());
        drop(ended);
    }
}

fn add(owner: Owner, callback: Callback) -> u64 {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    handlers().push(MenuHandler {
        number,
        owner,
        callback,
    });
    number
}

fn remove(number: u64) {
    let mut all = handlers();
    let at = all.iter().position(|it| it.number == number);
    let ended = at.map(|at| all.remove(at));
    drop(all);
    drop(ended);
}

/// Has `callback(app_handle, id)` called for the events of all menus.
pub(crate) fn add_for_app(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    reach: Option<Arc<Reach>>,
    callback: Callback,
) -> Subscription {
    gil::detach(py, || hook(app));
    let number = add(Owner::App(reach), callback);
    Subscription::new(move || remove(number))
}

/// Has `callback(window, id)` called for the events of all menus, until the window is gone.
pub(super) fn add_for_window(window: &WebviewWindow, callback: Callback) -> Subscription {
    let owner = Owner::Window(Box::new(window.window.clone()), window.reach.clone());
    hook(window.window.app_handle());
    let number = add(owner, callback);
    let life = life_of(&window.window.as_ref().window());
    let told = life.map(|life| {
        let at_end = life.on_end(move || remove(number));
        (life, at_end)
    });
    Subscription::new(move || {
        remove(number);
        if let Some((life, at_end)) = told {
            life.off_end(at_end);
        }
    })
}

/// Posts the calls for an event. For the UI thread: it takes no GIL.
fn on_event(app: &tauri::AppHandle<Wry>, id: &str) {
    #[cfg(target_os = "linux")]
    if let Some(command) = super::editing_items::command_of(id) {
        return crate::desktop::menus::editing::act(app, command);
    }
    let clicks = CLICKS.get(id).map(|all| all.clone()).unwrap_or_default();
    for (_, callback) in clicks {
        callback.post(None, |py| Ok(PyTuple::empty(py)), None);
    }
    let mut told = Vec::new();
    let mut ended = Vec::new();
    for handler in &*handlers() {
        if handler.owner.is_there() {
            told.push((handler.owner.clone(), handler.callback.clone()));
        } else {
            ended.push(handler.number);
        }
    }
    ended.into_iter().for_each(remove);
    for (owner, callback) in told {
        let (app, id) = (app.clone(), id.to_owned());
        callback.post(
            None,
            move |py| match owner {
                Owner::App(reach) => (handle_of(py, &app, reach.as_ref())?, id).into_pyobject(py),
                Owner::Window(window, reach) => {
                    let window = gil::detach(py, || WebviewWindow::new_of(*window, reach));
                    (window, id).into_pyobject(py)
                }
            },
            None,
        );
    }
}

/// How many handlers of menu events there are, those of items included.
#[pyfunction]
fn menu_handlers() -> usize {
    let of_items: usize = CLICKS.iter().map(|all| all.len()).sum();
    handlers().len() + of_items
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(menu_handlers, module)?)
}
