//! Queues the events of one listener, up to a bound, with a policy for what happens beyond it.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::losses::Losses;

/// How many events may wait, unless the listener says otherwise.
pub(crate) const BOUND: usize = 131_072;
/// How many bytes of JSON may wait. A single event may be larger.
const MAX_BYTES: usize = 64 << 20;
/// How many calls of an `async def` handler may run at once.
const CALLS: usize = 256;

/// The number of lost events, of all listeners.
static LOST: AtomicU64 = AtomicU64::new(0);

pub(crate) fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

/// The number of queues that make their emitters wait.
static PATIENT: AtomicUsize = AtomicUsize::new(0);

/// Whether any queue makes its emitters wait.
pub(crate) fn any_has_them_wait() -> bool {
    PATIENT.load(Ordering::Relaxed) > 0
}

/// What happens to an event when the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFull {
    /// It is lost.
    Drop,
    /// The oldest event is dropped for it.
    Latest,
    /// Python emitters wait for room. For other events there is room for the same number again;
    /// beyond that they are lost.
    Wait,
}

impl OnFull {
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "drop" => Some(Self::Drop),
            "latest" => Some(Self::Latest),
            "wait-off-thread" => Some(Self::Wait),
            _ => None,
        }
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct QueueSize {
    events: usize,
    bytes: usize,
}

#[derive(Debug)]
struct EventQueueState {
    /// The JSON texts of the events.
    waiting: VecDeque<String>,
    bytes: usize,
    /// The room that was reserved for emitters.
    expected: QueueSize,
    /// Calls that were ordered and have not begun yet.
    ordered: usize,
    /// Calls that have begun, if their number is limited.
    running: usize,
    /// Whether emitters no longer wait, because the app ends.
    hurried: bool,
    /// Whether the handler is not called any more.
    closed: bool,
    lost: Losses,
}

#[derive(Debug)]
pub(crate) struct EventQueue {
    event: String,
    bound: usize,
    on_full: OnFull,
    /// How many calls may be ordered or running. `None`: as many as events wait.
    calls: Option<usize>,
    state: Mutex<EventQueueState>,
    changed: Condvar,
}

/// The room that is reserved for an event which is being sent.
pub(crate) struct Reservation<'a> {
    queue: &'a EventQueue,
    bytes: usize,
}

impl EventQueue {
    /// Creates the queue. A plain handler is called in the order of all events; calls of an `async
    /// def` one may overlap.
    pub(crate) fn new(event: &str, is_async: bool, bound: usize, on_full: OnFull) -> Self {
        if on_full == OnFull::Wait {
            PATIENT.fetch_add(1, Ordering::Relaxed);
        }
        Self {
            event: event.to_owned(),
            bound,
            on_full,
            calls: is_async.then_some(CALLS),
            state: Mutex::new(EventQueueState {
                waiting: VecDeque::new(),
                bytes: 0,
                expected: QueueSize::default(),
                ordered: 0,
                running: 0,
                hurried: false,
                closed: false,
                lost: Losses::new(),
            }),
            changed: Condvar::new(),
        }
    }

    /// Whether emitters have to call [`Self::wait_for_room`].
    pub(crate) fn has_them_wait(&self) -> bool {
        self.on_full == OnFull::Wait
    }

    fn state(&self) -> MutexGuard<'_, EventQueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event. True: order a call of the handler.
    pub(crate) fn push(&self, payload: String) -> bool {
        let times = if self.has_them_wait() { 2 } else { 1 };
        let limits = QueueSize {
            events: self.bound.saturating_mul(times),
            bytes: MAX_BYTES * times,
        };
        let mut state = self.state();
        if state.closed {
            return false;
        }
        while !state.has_room(payload.len(), limits) {
            if self.on_full != OnFull::Latest {
                state.lost.add();
                LOST.fetch_add(1, Ordering::Relaxed);
                self.tell(state);
                return false;
            }
            state.pop();
        }
        state.bytes += payload.len();
        state.waiting.push_back(payload);
        state.orders(self.calls)
    }

    /// Takes the event for a call that was ordered. `None`: there is none any more.
    pub(crate) fn pop(&self) -> Option<String> {
        let mut state = self.state();
        state.ordered = state.ordered.saturating_sub(1);
        let payload = state.pop();
        state.running += usize::from(payload.is_some() && self.calls.is_some());
        self.tell(state);
        self.changed.notify_all();
        payload
    }

    /// Notes that a call has ended, if their number is limited. True: order another one.
    pub(crate) fn call_ended(&self) -> bool {
        let mut state = self.state();
        state.running = state.running.saturating_sub(1);
        state.orders(self.calls)
    }

    /// Waits on an emitter's thread, without the GIL, until there is room for its event. The room
    /// is reserved until the result is dropped. `None`: the wait was given up.
    pub(crate) fn wait_for_room(
        &self,
        bytes: usize,
        until: Instant,
        given_up: &AtomicBool,
    ) -> Option<Reservation<'_>> {
        let limits = |it: &EventQueueState| QueueSize {
            events: self.bound.saturating_sub(it.expected.events),
            bytes: MAX_BYTES.saturating_sub(it.expected.bytes),
        };
        let full =
            |it: &EventQueueState| !it.has_room(bytes, limits(it)) && !it.closed && !it.hurried;
        let waits = |it: &mut EventQueueState| full(it) && !given_up.load(Ordering::Acquire);
        let patience = until.saturating_duration_since(Instant::now());
        let (mut state, waited) = self
            .changed
            .wait_timeout_while(self.state(), patience, waits)
            .unwrap_or_else(PoisonError::into_inner);
        if full(&state) && !waited.timed_out() {
            return None;
        }
        state.expected.events += 1;
        state.expected.bytes += bytes;
        drop(state);
        Some(Reservation { queue: self, bytes })
    }

    /// Makes waiting emitters look whether their wait was given up.
    pub(crate) fn wake_emitters(&self) {
        // An emitter that has looked and does not wait yet holds the lock.
        drop(self.state());
        self.changed.notify_all();
    }

    /// Ends the waits of emitters, now and later.
    pub(crate) fn hurry(&self) {
        self.state().hurried = true;
        self.changed.notify_all();
    }

    /// Drops all events. The handler is not called any more.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.bytes = 0;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting);
        self.changed.notify_all();
    }

    fn tell(&self, mut state: MutexGuard<'_, EventQueueState>) {
        let due = state.lost.due();
        drop(state);
        if let Some(lost) = due {
            let event = self.event.as_str();
            log::warn!(
                event;
                "{lost} events `{event}` were lost, for which a Python listener had no room: it runs \
                 slower than they come; make it shorter, or see `bound` and `on_full` of `Listener`",
            );
        }
    }
}

impl Drop for EventQueue {
    fn drop(&mut self) {
        if self.has_them_wait() {
            PATIENT.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.expected.events -= 1;
        state.expected.bytes -= self.bytes;
        drop(state);
        self.queue.changed.notify_all();
    }
}

impl EventQueueState {
    fn has_room(&self, bytes: usize, limits: QueueSize) -> bool {
        let fits =
            self.waiting.len() < limits.events && self.bytes.saturating_add(bytes) <= limits.bytes;
        // However large it is, one may wait.
        fits || (self.waiting.is_empty() && limits.events > 0)
    }

    fn pop(&mut self) -> Option<String> {
        let payload = self.waiting.pop_front()?;
        self.bytes -= payload.len();
        Some(payload)
    }

    /// Orders a call, if there is an event without one and fewer than `calls` are in progress.
    fn orders(&mut self, calls: Option<usize>) -> bool {
        let orders = self.ordered < self.waiting.len()
            && calls.is_none_or(|calls| self.ordered + self.running < calls);
        self.ordered += usize::from(orders);
        orders
    }
}

#[cfg(test)]
#[path = "event_queue_tests.rs"]
mod tests;
