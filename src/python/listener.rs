//! Events from the pages and from Rust.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicBool, Ordering},
};

use dashmap::DashMap;
use pyo3::{prelude::*, types::PyTuple};
use tauri::{EventTarget, Listener as _, Wry};

use super::{
    callback::Callback, event_name::check_event_name, gil, manager::AnyManager, reach::Reach,
    webview_window::check_open, window_handlers::PROBE,
};

/// An event that a listener was called with.
#[pyclass(frozen, get_all, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// What `listen` returned.
    id: u32,
    /// JSON text.
    payload: String,
}

/// Hears events. Handlers are called off the UI thread; `async def` ones on the portal.
#[pyclass(frozen, module = "transom")]
struct Listener;

/// What listens, by the id that Tauri gave.
static LISTENING: LazyLock<DashMap<u32, Arc<Listening>>> = LazyLock::new(DashMap::new);

#[derive(Debug)]
struct Listening {
    app: tauri::AppHandle<Wry>,
    event: String,
    target: EventTarget,
    callback: Callback,
    once: bool,
    /// Whose it is: it ends with that window.
    owner: Option<Arc<Reach>>,
    ended: AtomicBool,
}

impl Listening {
    /// Called on whatever thread emits, so it only posts.
    fn hear(&self, id: u32, payload: String) {
        if payload == PROBE {
            return;
        }
        let orphan = self.is_orphan();
        let ended = if orphan || self.once {
            self.end(id)
        } else {
            self.ended.load(Ordering::Acquire)
        };
        if orphan || ended {
            return;
        }
        let event = Event { id, payload };
        self.callback.post(
            None,
            move |py| PyTuple::new(py, [event.into_pyobject(py)?]),
            None,
        );
    }

    fn is_of(&self, reach: &Reach) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| owner.label() == reach.label())
    }

    fn is_orphan(&self) -> bool {
        self.owner.as_ref().is_some_and(|owner| !owner.is_open())
    }

    /// True: it had ended before.
    fn end(&self, id: u32) -> bool {
        let ended = self.ended.swap(true, Ordering::AcqRel);
        if !ended {
            LISTENING.remove(&id);
            self.app.unlisten(id);
        }
        ended
    }
}

/// Lets the listeners of `event` hear it whose target `hears` takes in.
pub(crate) fn tell(event: &str, payload: &str, hears: impl Fn(&EventTarget) -> bool) {
    let listening = LISTENING.iter();
    // Collected first: who hears may leave the table.
    let told: Vec<_> = listening
        .filter(|entry| entry.event == event && hears(&entry.target))
        .map(|entry| (*entry.key(), Arc::clone(&entry)))
        .collect();
    for (id, listening) in told {
        listening.hear(id, payload.to_owned());
    }
}

/// How many listen on the window `label` for `event`.
pub(crate) fn count(event: &str, label: &str) -> usize {
    let target = EventTarget::webview_window(label);
    let listening = LISTENING.iter();
    listening
        .filter(|entry| entry.event == event && entry.target == target)
        .count()
}

/// Ends what windows that are gone have left.
fn sweep() {
    let listening = LISTENING.iter();
    let orphans: Vec<_> = listening
        .filter(|entry| entry.is_orphan())
        .map(|entry| (*entry.key(), Arc::clone(&entry)))
        .collect();
    for (id, listening) in orphans {
        listening.end(id);
    }
}

fn listen(
    manager: &Bound<'_, PyAny>,
    event: String,
    handler: &Bound<'_, PyAny>,
    any: bool,
    once: bool,
) -> PyResult<u32> {
    check_event_name(&event)?;
    let callback = Callback::new(handler)?;
    let manager = AnyManager::of(manager)?;
    if let Some(window) = &manager.window {
        check_open(handler.py(), window)?;
    }
    if any {
        // It hears what is meant for other windows.
        manager.check_everywhere()?;
    }
    let target = match &manager.window {
        _ if any => EventTarget::Any,
        Some(window) => EventTarget::webview_window(window.label()),
        None => EventTarget::App,
    };
    let listening = Arc::new(Listening {
        app: manager.app.clone(),
        event: event.clone(),
        target,
        callback,
        once,
        owner: manager.reach.clone(),
        ended: AtomicBool::new(false),
    });
    Ok(gil::detach(handler.py(), || {
        sweep();
        let heard = Arc::clone(&listening);
        let hear = move |event: tauri::Event| heard.hear(event.id(), event.payload().to_owned());
        let id = match (&manager.window, any) {
            (_, true) => manager.app.listen_any(event, hear),
            (Some(window), false) => window.listen(event, hear),
            (None, false) => manager.app.listen(event, hear),
        };
        LISTENING.insert(id, Arc::clone(&listening));
        if listening.ended.load(Ordering::Acquire) {
            // It heard its one event before it was in the table.
            LISTENING.remove(&id);
        }
        id
    }))
}

#[pymethods]
impl Listener {
    /// Calls `handler(event)` for every `event` sent to the manager; returns an id.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn listen(slf: &Bound<'_, PyAny>, event: String, handler: &Bound<'_, PyAny>) -> PyResult<u32> {
        listen(slf, event, handler, false, false)
    }

    /// As `listen`, for the next such event only.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn once(slf: &Bound<'_, PyAny>, event: String, handler: &Bound<'_, PyAny>) -> PyResult<u32> {
        listen(slf, event, handler, false, true)
    }

    /// As `listen`, whoever the event is sent to.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn listen_any(
        slf: &Bound<'_, PyAny>,
        event: String,
        handler: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        listen(slf, event, handler, true, false)
    }

    /// As `listen_any`, for the next such event only.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn once_any(
        slf: &Bound<'_, PyAny>,
        event: String,
        handler: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        listen(slf, event, handler, true, true)
    }

    /// Ends what `listen` began. An unknown id is ignored, and so is one of another window where
    /// not every window may be reached.
    #[staticmethod]
    #[pyo3(signature = (slf, id, /))]
    fn unlisten(slf: &Bound<'_, PyAny>, id: u32) -> PyResult<()> {
        let manager = AnyManager::of(slf)?;
        gil::detach(slf.py(), || {
            let listening = LISTENING.get(&id).map(|entry| Arc::clone(&entry));
            match (listening, manager.restricted()) {
                (Some(listening), Some(reach)) if !listening.is_of(reach) => {}
                (Some(listening), _) => drop(listening.end(id)),
                (None, Some(_)) => {}
                (None, None) => manager.app.unlisten(id),
            }
        });
        Ok(())
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Event>()?;
    module.add_class::<Listener>()
}
