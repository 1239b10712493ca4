//! Registers Python handlers with Tauri's event system, and delivers events to their queues.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::DashMap;
use pyo3::{prelude::*, types::PyTuple};
use tauri::{EventTarget, Listener as _, Wry};

use super::{
    event_queue::{self, EventQueue},
    room::{self, SendContext},
};
use crate::desktop::ui_thread;
use crate::python::{
    callbacks::{
        callback::{Callback, Invocation},
        errand::Done,
    },
    gil,
    host::reach::Reach,
};

/// A payload that reaches no listener. In the script by which Tauri runs a page's listeners it
/// makes the list of listeners to run empty, and the Python listeners recognise it. It is needed
/// because Tauri's filter is not asked about listeners that name no target.
pub(crate) const PROBE: &str = "null}, []); ({_: null";

/// The longest wait of an emitter, for all listeners together.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// An event that a listener was called with.
#[pyclass(frozen, get_all, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The id that `listen` returned.
    id: u32,
    /// The payload as JSON text.
    payload: String,
}

/// The registered listeners, by the id that Tauri gave.
static LISTENING: LazyLock<DashMap<u32, Arc<Listening>>> = LazyLock::new(DashMap::new);

#[derive(Debug)]
pub(super) struct Listening {
    pub(super) app: tauri::AppHandle<Wry>,
    pub(super) event: String,
    pub(super) target: EventTarget,
    pub(super) callback: Callback,
    /// The events that wait for the handler.
    pub(super) queue: EventQueue,
    pub(super) once: bool,
    /// The window that it belongs to, and ends with.
    pub(super) owner: Option<Arc<Reach>>,
    pub(super) ended: AtomicBool,
}

impl Listening {
    /// Takes an event. Called on whichever thread emits, so it only posts.
    pub(super) fn hear(self: &Arc<Self>, id: u32, payload: String) {
        if payload == PROBE {
            return;
        }
        if self.is_orphan() {
            return self.end_for_good(id);
        }
        let ended = if self.once {
            self.end(id)
        } else {
            self.ended.load(Ordering::Acquire)
        };
        if !ended && self.queue.push(payload) {
            self.order_call(id);
        }
    }

    /// Orders a call. It gets the event that is the oldest by then.
    fn order_call(self: &Arc<Self>, id: u32) {
        let order = OrderedCall {
            listening: Arc::clone(self),
            id,
            begun: false,
        };
        self.callback.post_event(move |py| order.begin(py));
    }

    pub(super) fn is_of(&self, label: &str) -> bool {
        let owner = self.owner.as_ref();
        owner.is_some_and(|owner| owner.label() == label)
    }

    fn is_orphan(&self) -> bool {
        self.owner.as_ref().is_some_and(|owner| !owner.is_open())
    }

    /// Ends it. True: it had ended before.
    fn end(&self, id: u32) -> bool {
        let ended = self.ended.swap(true, Ordering::AcqRel);
        if !ended {
            LISTENING.remove(&id);
            self.app.unlisten(id);
        }
        ended
    }

    /// Ends it, and drops the events that wait.
    pub(super) fn end_for_good(&self, id: u32) {
        self.end(id);
        self.queue.close();
    }
}

/// A call of the handler that was ordered.
struct OrderedCall {
    listening: Arc<Listening>,
    id: u32,
    begun: bool,
}

impl OrderedCall {
    fn begin(mut self, py: Python<'_>) -> PyResult<Option<Invocation<'_>>> {
        self.begun = true;
        let Some(payload) = self.listening.queue.pop() else {
            return Ok(None);
        };
        // Before anything can fail: it orders the next call of an `async def` handler.
        let done = self.listening.callback.is_async().then(|| {
            let (listening, id) = (Arc::clone(&self.listening), self.id);
            Done::new(move |_| {
                if listening.queue.call_ended() {
                    listening.order_call(id);
                }
            })
        });
        let event = Event {
            id: self.id,
            payload,
        };
        let args = PyTuple::new(py, [event.into_pyobject(py)?])?;
        Ok(Some((args, done)))
    }
}

impl Drop for OrderedCall {
    fn drop(&mut self) {
        // Callbacks have ended with the app, so nothing that waits is ever heard.
        if !self.begun {
            self.listening.queue.close();
        }
    }
}

/// Delivers an event to the listeners of `event` whose target `hears` accepts.
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

/// Sends an event of `bytes` by `send`, without the GIL. If this thread may wait, it first waits
/// for room at those listeners that make their emitters wait, because Tauri would hold its lock
/// during a later wait. A cancel of the call that this thread runs ends the wait: `Cancelled`, and
/// the event is not sent.
pub(crate) fn send_patiently<T: Send>(
    py: Python<'_>,
    event: &str,
    bytes: usize,
    hears: impl Fn(&EventTarget) -> bool,
    send: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    let patient = patient(event, hears);
    let Some(first) = patient.first() else {
        return Ok(gil::detach(py, send));
    };
    let place = SendContext::here(py, || gil::detach(py, || ui_thread::is_here(&first.app)))?;
    if !place.may_wait {
        return Ok(gil::detach(py, send));
    }
    let (until, given_up) = (
        Instant::now() + LONGEST_WAIT,
        Arc::new(AtomicBool::new(false)),
    );
    let give_up = {
        let (patient, given_up) = (patient.clone(), Arc::clone(&given_up));
        move || {
            given_up.store(true, Ordering::Release);
            patient.iter().for_each(|it| it.queue.wake_emitters());
        }
    };
    let wait_and_send = || {
        let rooms = patient.iter();
        let rooms = rooms.map(|it| it.queue.wait_for_room(bytes, until, &given_up));
        let rooms: Option<Vec<_>> = rooms.collect();
        rooms.map(|_reserved| send())
    };
    let sent = room::cancellable(py, place.cancelled_with(None), give_up, wait_and_send);
    sent.ok_or_else(|| room::cancelled(py))
}

/// The listeners that make the emitters of this event wait, always in the same order.
fn patient(event: &str, hears: impl Fn(&EventTarget) -> bool) -> Vec<Arc<Listening>> {
    if !event_queue::any_has_them_wait() {
        return Vec::new();
    }
    let listening = LISTENING.iter();
    let mut patient: Vec<_> = listening
        .filter(|it| it.queue.has_them_wait() && it.event == event && hears(&it.target))
        .map(|it| (*it.key(), Arc::clone(&it)))
        .collect();
    patient.sort_unstable_by_key(|(id, _)| *id);
    patient.into_iter().map(|(_, it)| it).collect()
}

/// Adds a listener to the table, by the id that Tauri gave.
pub(super) fn insert(id: u32, listening: &Arc<Listening>) {
    LISTENING.insert(id, Arc::clone(listening));
    if listening.ended.load(Ordering::Acquire) {
        // It heard its one event before it was in the table.
        LISTENING.remove(&id);
    }
}

/// The listener with this id.
pub(super) fn of(id: u32) -> Option<Arc<Listening>> {
    LISTENING.get(&id).map(|entry| Arc::clone(&entry))
}

/// Ends the waits of emitters because the app ends.
pub(crate) fn hurry_emitters() {
    LISTENING.iter().for_each(|it| it.queue.hurry());
}

/// How many listeners `event` has on the window `label`.
pub(crate) fn count(event: &str, label: &str) -> usize {
    let target = EventTarget::webview_window(label);
    let listening = LISTENING.iter();
    listening
        .filter(|entry| entry.event == event && entry.target == target)
        .count()
}

/// Ends the listeners of windows that are gone.
pub(super) fn sweep() {
    end_all(|it| it.is_orphan());
}

/// Ends the listeners of the window `label`, which is gone.
pub(crate) fn end_of_window(label: &str) {
    end_all(|it| it.is_of(label));
}

fn end_all(of: impl Fn(&Arc<Listening>) -> bool) {
    let listening = LISTENING.iter();
    // Collected first: each one leaves the table.
    let ended: Vec<_> = listening
        .filter(|entry| of(entry))
        .map(|entry| (*entry.key(), Arc::clone(&entry)))
        .collect();
    for (id, listening) in ended {
        listening.end_for_good(id);
    }
}
