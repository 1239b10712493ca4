//! Calls the Python handlers of a window's events, and lets them keep the window from closing.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use dashmap::DashMap;
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};
use tauri::{Emitter as _, EventTarget, Manager as _, Window, Wry};

use super::{lifecycle::Lifecycle, window_event::WindowEvent};
#[cfg(all(feature = "python-main", target_os = "linux"))]
use crate::desktop::menus::{editing, window_menu};
use crate::python::{
    callbacks::{
        callback::Callback,
        close_question::{Asking, CloseDecision, Round, Veto},
    },
    events::listening::{self, PROBE},
};

const CLOSE_REQUESTED: &str = "tauri://close-requested";
/// One entry for each window that Python uses. The key is the identity of the window and not its
/// label, because a label may be used again.
static WINDOWS: LazyLock<DashMap<usize, Arc<WindowHandlers>>> = LazyLock::new(DashMap::new);
/// Whether a window has had state objects.
static STATES: AtomicBool = AtomicBool::new(false);
/// Whether the app's run callback must be asked about close requests.
static RUN_CALLBACK: AtomicBool = AtomicBool::new(false);

#[derive(Debug)]
pub(crate) struct WindowHandlers {
    /// The window, kept so that its address is not used again before this entry is gone.
    window: Window<Wry>,
    life: Arc<Lifecycle>,
    callbacks: Mutex<Vec<Callback>>,
    asking: Arc<Asking>,
    /// The round in which the run callback is asked next, right after the window's own handlers.
    run_round: Mutex<Option<Round>>,
    /// Its state objects, once there is one.
    states: Mutex<Option<Py<PyDict>>>,
}

/// The address of the window's resource table. Its clones share it, and no other window has it.
pub(crate) fn identity(window: &Window<Wry>) -> usize {
    std::ptr::from_ref(&*window.resources_table()).addr()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Watches every window from its creation, so that the run callback may keep it open.
#[cfg(feature = "python-main")]
pub(crate) fn plugin() -> tauri::plugin::TauriPlugin<Wry> {
    tauri::plugin::Builder::new("transom-windows")
        .on_window_ready(|window| {
            WindowHandlers::of(&window);
            #[cfg(target_os = "linux")]
            {
                window_menu::ensure(&window);
                editing::let_pages_have_keys(&window);
            }
        })
        .on_event(|_, event| {
            if matches!(event, tauri::RunEvent::Exit) {
                // Nothing tells of the windows that are left.
                WINDOWS.iter().for_each(|entry| entry.life.ends());
            }
        })
        .build()
}

/// Notes that the webview of the window `label` is being destroyed, so that nothing keeps its
/// window any more.
///
/// A label is given to another window only after that, so there is only one with this label.
pub(crate) fn closes(label: &str) {
    let own = WINDOWS.iter().filter(|entry| entry.window.label() == label);
    own.for_each(|entry| entry.life.closes());
}

/// The lifecycle of a window that Python uses. `None`: the window is gone, or Python never used it.
pub(crate) fn life_of(window: &Window<Wry>) -> Option<Arc<Lifecycle>> {
    let handlers = WINDOWS.get(&identity(window));
    handlers.map(|handlers| Arc::clone(&handlers.life))
}

/// The state objects of a window that is open, by their type. `None`: there are none.
pub(crate) fn states_of<'py>(py: Python<'py>, window: &Window<Wry>) -> Option<Bound<'py, PyDict>> {
    if !keeps_states() {
        return None;
    }
    let entry = WINDOWS.get(&identity(window))?;
    let states = lock(&entry.states);
    states.as_ref().map(|states| states.bind(py).clone())
}

/// Whether a window has had state objects.
pub(crate) fn keeps_states() -> bool {
    STATES.load(Ordering::Acquire)
}

/// The same, made where there are none. They are let go when the window is gone: by Python, on a
/// thread of Python's, and not on the UI thread, whose part it is to tell of that.
pub(crate) fn keep_states<'py>(
    py: Python<'py>,
    window: &Window<Wry>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let Some(entry) = WINDOWS.get(&identity(window)).map(|it| Arc::clone(&it)) else {
        return Ok(None);
    };
    let fresh = PyDict::new(py);
    let let_go = Callback::new(&fresh.getattr("clear")?)?;
    let states = lock(&entry.states)
        .get_or_insert_with(|| fresh.clone().unbind())
        .bind(py)
        .clone();
    STATES.store(true, Ordering::Release);
    if states.is(&fresh) {
        let post = move || let_go.post(None, |py| Ok(PyTuple::empty(py)), None);
        entry.life.on_end(post);
    }
    Ok(Some(states))
}

/// Makes close requests wait for the run callback too.
pub(crate) fn ask_run_callback() {
    RUN_CALLBACK.store(true, Ordering::Release);
}

/// The round of the close request of the window `label`, for an answer of the run callback.
pub(crate) fn run_callback_round(label: &str) -> Option<(Arc<Asking>, Round)> {
    WINDOWS.iter().find_map(|entry| {
        let handlers = entry.value();
        if handlers.window.label() != label {
            return None;
        }
        let round = lock(&handlers.run_round).take()?;
        Some((handlers.asking.clone(), round))
    })
}

impl WindowHandlers {
    /// The entry of `window`. If there is none, it is made and hooked to the window.
    pub(crate) fn of(window: &Window<Wry>) -> Arc<Self> {
        let mut made = false;
        let handlers = WINDOWS
            .entry(identity(window))
            .or_insert_with(|| {
                made = true;
                let closing = window.clone();
                let life = Arc::new(Lifecycle::new());
                let closes = Arc::clone(&life);
                let act = move || match closing.destroy() {
                    Ok(()) => closes.closes(),
                    Err(err) => {
                        log::error!("could not close window {:?}: {err}", closing.label());
                    }
                };
                Arc::new(Self {
                    window: window.clone(),
                    life,
                    callbacks: Mutex::default(),
                    // Requests to close it that come meanwhile are not remembered.
                    asking: Asking::new(act, || {}),
                    run_round: Mutex::default(),
                    states: Mutex::default(),
                })
            })
            .clone();
        if made {
            let hooked = handlers.clone();
            window.on_window_event(move |event| {
                if catch_unwind(AssertUnwindSafe(|| hooked.on_event(event))).is_err() {
                    log::error!("a window event was lost to a panic");
                }
            });
        }
        handlers
    }

    /// Removes the entry of this window.
    pub(crate) fn forget(&self) {
        WINDOWS.remove(&identity(&self.window));
        self.life.ends();
    }

    pub(crate) fn add(&self, callback: Callback) {
        lock(&self.callbacks).push(callback);
    }

    fn on_event(&self, event: &tauri::WindowEvent) {
        match event {
            tauri::WindowEvent::CloseRequested { api, .. } => self.on_close_requested(event, api),
            _ => self.post(event, None),
        }
        if matches!(event, tauri::WindowEvent::Destroyed) {
            WINDOWS.remove(&identity(&self.window));
            // Tauri has forgotten the label by now.
            self.life.ends();
        }
    }

    fn on_close_requested(&self, event: &tauri::WindowEvent, api: &tauri::CloseRequestApi) {
        lock(&self.run_round).take();
        let asked = lock(&self.callbacks).len();
        let run_callback = RUN_CALLBACK.load(Ordering::Acquire);
        if asked == 0 && !run_callback {
            return;
        }
        if self.page_decides() {
            return self.post(event, None);
        }
        match self.asking.request(asked + usize::from(run_callback)) {
            CloseDecision::Allow => {}
            CloseDecision::Ignore => api.prevent_close(),
            CloseDecision::Ask(round) => {
                api.prevent_close();
                *lock(&self.run_round) = run_callback.then_some(round);
                self.post(event, Some(round));
            }
        }
    }

    /// Whether the page listens for close requests. Tauri then leaves the closing to the page.
    fn page_decides(&self) -> bool {
        let label = self.window.label();
        let listeners = AtomicUsize::new(0);
        let probe = PROBE.to_owned();
        let seen =
            self.window
                .emit_str_filter(CLOSE_REQUESTED, probe, |target| {
                    if let EventTarget::Window { label: of }
                    | EventTarget::WebviewWindow { label: of } = target
                        && of == label
                    {
                        listeners.fetch_add(1, Ordering::Relaxed);
                    }
                    false
                });
        if let Err(err) = seen {
            log::warn!("could not see whether window {label:?} listens: {err}");
        }
        // Those of Python have no say in it, as those of Rust have none in Tauri.
        listeners.into_inner() > listening::count(CLOSE_REQUESTED, label)
    }

    fn post(&self, event: &tauri::WindowEvent, round: Option<Round>) {
        let veto = round.map(|round| Veto::of(&self.asking, round));
        let event = WindowEvent::new(event, veto.unwrap_or_default());
        // Posted outside the lock: a displaced post may run code of its own.
        let callbacks = lock(&self.callbacks).clone();
        for callback in callbacks {
            let key = event
                .conflates()
                .map(|kind| callback.key(kind, self.window.label()));
            let event = event.clone();
            callback.post(
                key,
                move |py| PyTuple::new(py, [event.into_pyobject(py)?]),
                round.map(|round| self.asking.done(round)),
            );
        }
    }
}
