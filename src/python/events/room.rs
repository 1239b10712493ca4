//! Waits for room in a page's backlog before a message is sent, if the calling thread may wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use tauri::{Manager as _, Runtime};

use crate::python::{executor::call::PythonCall, gil};
use crate::{
    actors::{Call, Count, Name, Outgoing, Room},
    ipc::Bridge,
};

/// How long an event waits for a page that receives nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The thread or event loop on which the sending code runs.
pub(crate) struct SendContext {
    pub(super) may_wait: bool,
    /// The call that this thread runs. `None`: none, or one whose cancel cannot end a wait here.
    call: Option<Py<PythonCall>>,
    shielded: bool,
}

impl SendContext {
    pub(crate) fn here(py: Python<'_>, is_ui_thread: impl FnOnce() -> bool) -> PyResult<Self> {
        let here = py.import("transom._windows.room")?.call_method0("here")?;
        let (may_wait, shielded, call) = here.extract()?;
        Ok(Self {
            may_wait: may_wait && !is_ui_thread(),
            call,
            shielded,
        })
    }

    /// The call whose cancel ends a wait here: `call`, or else the one that this thread runs.
    pub(crate) fn cancelled_with<'a>(
        &'a self,
        call: Option<&'a Arc<Call>>,
    ) -> Option<&'a Arc<Call>> {
        let own = self.call.as_ref().map(|call| call.get().call());
        call.or(own).filter(|_| !self.shielded)
    }
}

/// Runs `wait` without the GIL. A cancel of `call` runs `give_up`, which must end the wait.
pub(crate) fn cancellable<T: Send>(
    py: Python<'_>,
    call: Option<&Arc<Call>>,
    give_up: impl FnOnce() + Send + 'static,
    wait: impl FnOnce() -> T + Send,
) -> T {
    static HOOKS: AtomicU64 = AtomicU64::new(0);
    // Above those of others, which count from below.
    let hook = u64::MAX - HOOKS.fetch_add(1, Ordering::Relaxed);
    if let Some(call) = call {
        call.on_cancel(hook, Box::new(give_up));
    }
    let waited = gil::detach(py, wait);
    if let Some(call) = call {
        call.off_cancel(hook);
    }
    waited
}

/// `Cancelled`, for a wait that a cancel has ended.
pub(crate) fn cancelled(py: Python<'_>) -> PyErr {
    let interrupt = py.import("transom._call.interrupt");
    match interrupt.and_then(|it| it.call_method0("raise_cancelled").map(Bound::unbind)) {
        Err(error) => error,
        Ok(_) => PyRuntimeError::new_err("`raise_cancelled` raised nothing"),
    }
}

/// Takes room for a message of `size` bytes to the page of `window`. Waits for it without the GIL,
/// if this thread may wait. The wait ends with `call`, or else with the call that this thread runs.
///
/// False: the window is gone. `PageBehind`: there is no room, and this thread may not wait.
pub(crate) fn take(
    py: Python<'_>,
    window: &str,
    outgoing: &Arc<Outgoing>,
    size: usize,
    call: Option<&Arc<Call>>,
) -> PyResult<bool> {
    let mut room = outgoing.enter(size);
    if room == Room::Full {
        let place = SendContext::here(py, || outgoing.is_ui_thread())?;
        if !place.may_wait {
            outgoing.count(Count::RefusedMessage);
            let error = py.import("transom._windows.room")?.getattr("behind")?;
            return Err(PyErr::from_value(error.call1((window,))?));
        }
        let ticket = outgoing.line_up();
        let give_up = {
            let outgoing = Arc::clone(outgoing);
            move || outgoing.give_up(ticket)
        };
        let wait = || outgoing.wait(ticket, size);
        room = cancellable(py, place.cancelled_with(call), give_up, wait);
    }
    match room {
        Room::Full => Err(cancelled(py)),
        room => Ok(room == Room::Taken),
    }
}

/// The windows whose pages have room for an event. The room is taken for it.
pub(crate) struct Rooms {
    size: usize,
    windows: Vec<(Name, Arc<Outgoing>)>,
    /// Whether there are windows without room, which do not get the event.
    pub(crate) some_are_behind: bool,
}

impl Rooms {
    /// Takes room at the windows that `reaches` accepts. If a page is behind, a thread that may
    /// wait does so as long as the page goes on receiving.
    pub(crate) fn of<R: Runtime>(
        py: Python<'_>,
        app: &tauri::AppHandle<R>,
        size: usize,
        reaches: impl Fn(&str) -> bool,
    ) -> PyResult<Self> {
        let mut rooms = Self {
            size,
            windows: Vec::new(),
            some_are_behind: false,
        };
        let Some(bridge) = app.try_state::<Arc<Bridge>>() else {
            return Ok(rooms);
        };
        let mut place = None;
        for (label, outgoing) in bridge.outgoings() {
            if !reaches(&label) {
                continue;
            }
            let mut room = outgoing.enter(size);
            if room == Room::Full {
                let here = match place.take() {
                    Some(here) => here,
                    None => SendContext::here(py, || outgoing.is_ui_thread())?,
                };
                // A page that stands still makes one event wait, not all that follow.
                if here.may_wait && !outgoing.still_stands() {
                    room = wait_while_it_moves(py, &outgoing, size, here.cancelled_with(None))?;
                }
                place = Some(here);
            }
            match room {
                Room::Taken => rooms.windows.push((label, outgoing)),
                Room::Full => {
                    rooms.some_are_behind = true;
                    note_dropped(&outgoing, &label);
                }
                Room::Gone => {}
            }
        }
        Ok(rooms)
    }

    pub(crate) fn of_window(&self, label: &str) -> bool {
        self.windows.iter().any(|(it, _)| &**it == label)
    }

    /// Notes that the event was given to the webviews.
    pub(crate) fn given(mut self) {
        for (_, outgoing) in std::mem::take(&mut self.windows) {
            outgoing.give(self.size);
        }
    }
}

/// Gives the room of an event back that was not sent after all.
impl Drop for Rooms {
    fn drop(&mut self) {
        for (_, outgoing) in &self.windows {
            outgoing.leave(self.size);
        }
    }
}

/// `Cancelled`: a cancel of `call` has ended the wait.
fn wait_while_it_moves(
    py: Python<'_>,
    outgoing: &Arc<Outgoing>,
    size: usize,
    call: Option<&Arc<Call>>,
) -> PyResult<Room> {
    let (ticket, given_up) = (outgoing.line_up(), Arc::new(AtomicBool::new(false)));
    let give_up = {
        let (outgoing, given_up) = (Arc::clone(outgoing), Arc::clone(&given_up));
        move || {
            given_up.store(true, Ordering::Release);
            outgoing.give_up(ticket);
        }
    };
    let wait = || outgoing.wait_while_it_moves(ticket, size, PATIENCE);
    let room = cancellable(py, call, give_up, wait);
    if room == Room::Full && given_up.load(Ordering::Acquire) {
        return Err(cancelled(py));
    }
    Ok(room)
}

fn note_dropped(outgoing: &Outgoing, window: &str) {
    outgoing.count(Count::DroppedEvent);
    let code = "dropped-event";
    log::warn!(
        window, code;
        "{code}: the page of window {window:?} has not taken what was sent before, and loses an event"
    );
}
