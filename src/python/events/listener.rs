//! Defines the Python mixin `Listener`, which calls Python handlers for events.

use std::sync::{Arc, atomic::AtomicBool};

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBool, PyInt},
};
use tauri::{EventTarget, Listener as _};

use super::{
    event_name::check_event_name,
    event_queue::{self, EventQueue, OnFull},
    listening::{self, Event, Listening},
};
use crate::python::{
    app::manager::AnyManager, callbacks::callback::Callback, gil,
    window::webview_window::check_open,
};

/// Hears events.
///
/// What listens through a command's `app_handle` ends with the window that called. The `…_any`
/// forms need a manager that may reach every window, else they raise `PermissionError`.
///
/// A plain handler is called on the callback thread, an `async def` one on the portal, 256 times at
/// once at most. What it raises is logged. For a handler that is slower than they come `bound`
/// events wait (131,072; 10,000,000 at most), or 64 MiB of them. `on_full` says what becomes of one
/// more:
///
/// - `"drop"`: it is lost, counted in `metrics().counters["dropped-callback"]`, and logged.
/// - `"latest"`: the one that has waited longest makes room for it.
/// - `"wait-off-thread"`: `Emitter` and `ctx.emit` wait for room, 10 seconds at most, on every
///   thread but that of the UI, of an event loop, and of callbacks. For events that are sent there,
///   and by pages, Rust and worker processes, there is room for as many again; then they are lost.
///
/// An event name with other characters than letters, digits, `-`, `/`, `:` and
/// `_` raises `ValueError`; a manager that is a window that is gone, `WindowClosed`.
#[pyclass(frozen, module = "transom")]
struct Listener;

/// The largest `bound`.
const MOST: usize = 10_000_000;

/// How many events may wait for a listener, and what happens to one more.
type Capacity = (usize, OnFull);

/// Reads the arguments `bound` and `on_full`. `ValueError` or `TypeError` if they are invalid.
fn capacity(bound: Option<&Bound<'_, PyAny>>, on_full: &str) -> PyResult<Capacity> {
    let bound = match bound {
        None => event_queue::BOUND,
        Some(bound) if !bound.is_instance_of::<PyInt>() || bound.is_instance_of::<PyBool>() => {
            let kind = bound.get_type().name()?;
            let text = format!("`bound` is a number of events, an `int`, got {kind}");
            return Err(PyTypeError::new_err(text));
        }
        Some(bound) => bound
            .extract()
            .ok()
            .filter(|it| (1..=MOST).contains(it))
            .ok_or_else(|| {
                PyValueError::new_err(format!("`bound` is 1 to {MOST} events, not {bound}"))
            })?,
    };
    let on_full = OnFull::of(on_full).ok_or_else(|| {
        PyValueError::new_err(format!(
            "`on_full` is \"drop\", \"latest\" or \"wait-off-thread\", not {on_full:?}"
        ))
    })?;
    Ok((bound, on_full))
}

/// Registers a handler. `capacity`: `None` for the next event only.
fn listen(
    manager: &Bound<'_, PyAny>,
    event: String,
    handler: &Bound<'_, PyAny>,
    any: bool,
    capacity: Option<Capacity>,
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
    let once = capacity.is_none();
    let (bound, on_full) = capacity.unwrap_or((1, OnFull::Drop));
    let queue = EventQueue::new(&event, callback.is_async(), bound, on_full);
    let listening = Arc::new(Listening {
        app: manager.app.clone(),
        event: event.clone(),
        target,
        callback,
        queue,
        once,
        owner: manager.reach.clone(),
        ended: AtomicBool::new(false),
    });
    Ok(gil::detach(handler.py(), || {
        listening::sweep();
        let heard = Arc::clone(&listening);
        let hear = move |event: tauri::Event| heard.hear(event.id(), event.payload().to_owned());
        let id = match (&manager.window, any) {
            (_, true) => manager.app.listen_any(event, hear),
            (Some(window), false) => window.listen(event, hear),
            (None, false) => manager.app.listen(event, hear),
        };
        listening::insert(id, &listening);
        id
    }))
}

#[pymethods]
impl Listener {
    /// Call `handler(event)` for every `event` sent to the manager; return an id.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /, *, bound=None, on_full="drop"))]
    fn listen(
        slf: &Bound<'_, PyAny>,
        event: String,
        handler: &Bound<'_, PyAny>,
        bound: Option<&Bound<'_, PyAny>>,
        on_full: &str,
    ) -> PyResult<u32> {
        listen(slf, event, handler, false, Some(capacity(bound, on_full)?))
    }

    /// As `listen`, for the next such event only.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn once(slf: &Bound<'_, PyAny>, event: String, handler: &Bound<'_, PyAny>) -> PyResult<u32> {
        listen(slf, event, handler, false, None)
    }

    /// As `listen`, whoever the event is sent to.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /, *, bound=None, on_full="drop"))]
    fn listen_any(
        slf: &Bound<'_, PyAny>,
        event: String,
        handler: &Bound<'_, PyAny>,
        bound: Option<&Bound<'_, PyAny>>,
        on_full: &str,
    ) -> PyResult<u32> {
        listen(slf, event, handler, true, Some(capacity(bound, on_full)?))
    }

    /// As `listen_any`, for the next such event only.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn once_any(
        slf: &Bound<'_, PyAny>,
        event: String,
        handler: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        listen(slf, event, handler, true, None)
    }

    /// End what `listen` began, and what waits for it. An unknown id is ignored.
    #[staticmethod]
    #[pyo3(signature = (slf, id, /))]
    fn unlisten(slf: &Bound<'_, PyAny>, id: u32) -> PyResult<()> {
        let manager = AnyManager::of(slf)?;
        gil::detach(slf.py(), || {
            let listening = listening::of(id);
            match (listening, manager.restricted()) {
                (Some(listening), Some(reach)) if !listening.is_of(reach.label()) => {}
                (Some(listening), _) => listening.end_for_good(id),
                (None, Some(_)) => {}
                (None, None) => manager.app.unlisten(id),
            }
        });
        Ok(())
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Event>()?;
    module.add_class::<Listener>()
}
