//! Connects the generator of a stream, in a thread or on an event loop, to the pulls of its page.
//!
//! Joins the state machine of a stream to the world: a lock, a clock, a condition variable for
//! generators in threads, and a callback for those on event loops.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    batch::{Batch, Item},
    machine::{Allowance, Push, StreamActions, StreamGauges, StreamMachine, Taken},
};
use crate::actors::call::request::{Outcome, StreamOptions};
use crate::{
    error::CallError,
    sync::{Bell, clock},
};

/// Answers a pull of the page, once. `None`: the call was answered, and no items will come.
pub type PullAnswer = Box<dyn FnOnce(Result<Option<Batch>, CallError>) + Send>;

type ItemsMachine = StreamMachine<PullAnswer>;

/// The items of one stream call.
pub struct Items {
    bell: Bell<ItemsMachine>,
    waker: OnceLock<Box<dyn Fn() + Send + Sync>>,
    born: Instant,
    /// When the wait for the next item began, in microseconds from `born`.
    waits_since: AtomicU64,
    total_timeout: OnceLock<Duration>,
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.gauges().fmt(f)
    }
}

impl Items {
    pub(crate) fn new(options: StreamOptions) -> Self {
        Self {
            bell: Bell::new(StreamMachine::new(options)),
            waker: OnceLock::new(),
            born: clock::now(),
            waits_since: AtomicU64::new(0),
            total_timeout: OnceLock::new(),
        }
    }

    /// Sets the function that runs, on any thread, when a push that found no credit may succeed
    /// now.
    pub fn on_wake(&self, wake: impl Fn() + Send + Sync + 'static) {
        let _ = self.waker.set(Box::new(wake));
    }

    /// Pushes the generator's next item.
    pub fn push(&self, item: Item<'_>) -> Push {
        self.wait_begins();
        let (push, turn) = self.bell.machine().push(item);
        self.carry_out(turn);
        push
    }

    /// Notes that a generator with its own count of credit waits with an item of `size` bytes. It
    /// is woken when that item fits.
    pub fn want(&self, size: usize) {
        let turn = self.bell.machine().want(size);
        self.carry_out(turn);
    }

    /// The limits for a generator that keeps its own count of credit.
    pub fn allowance(&self) -> Allowance {
        self.bell.machine().allowance()
    }

    /// How many items the page's loop has taken in all: the credit given back.
    pub fn taken(&self) -> u64 {
        self.bell.machine().taken()
    }

    /// Waits, after a push that found no credit, until another try may succeed.
    pub fn wait(&self) {
        self.bell.wait_while(|machine| machine.is_full());
    }

    /// Handles the page's request for more. Returns the outcome when the last item has been handed
    /// over. Returns the answer to a page that counts wrongly.
    pub(crate) fn pull(
        &self,
        at: Taken,
        answer: PullAnswer,
    ) -> Result<Option<Outcome>, (PullAnswer, CallError)> {
        let turn = self.bell.machine().pull(answer, at)?;
        Ok(self.carry_out(turn))
    }

    fn carry_out(&self, turn: StreamActions<PullAnswer>) -> Option<Outcome> {
        for (answer, batch) in turn.answers {
            answer(Ok(batch));
        }
        if turn.wake {
            self.wake();
        }
        turn.end
    }

    fn wait_begins(&self) {
        let now = u64::try_from(clock::since(self.born).as_micros()).unwrap_or(u64::MAX);
        self.waits_since.store(now, Ordering::Relaxed);
    }

    /// Since when the page has waited for the next item. While the generator, or the end, waits for
    /// the page, this time does not run.
    pub(crate) fn waits_since(&self) -> Instant {
        if self.bell.machine().waits_for_page() {
            return clock::now();
        }
        self.born + Duration::from_micros(self.waits_since.load(Ordering::Relaxed))
    }

    /// How long the whole stream may take.
    pub(crate) fn total_timeout(&self) -> Option<Duration> {
        self.total_timeout.get().copied()
    }

    pub(crate) fn set_total_timeout(&self, after: Duration) {
        let _ = self.total_timeout.set(after);
    }

    fn wake(&self) {
        self.wait_begins();
        self.bell.ring();
        if let Some(wake) = self.waker.get() {
            wake();
        }
    }

    /// Calls [`StreamMachine::finish`]. A stream's answer says how many items it had, because a
    /// webview may have lost the last of them.
    pub(crate) fn finish(&self, outcome: Outcome) -> Option<Outcome> {
        let mut machine = self.bell.machine();
        let outcome = match (outcome, machine.count()) {
            (Outcome::Json(_), Some(count)) => Outcome::Json(count.to_string()),
            (outcome, _) => outcome,
        };
        machine.finish(outcome)
    }

    /// Calls [`StreamMachine::has_ended`].
    pub(crate) fn has_ended(&self) -> bool {
        self.bell.machine().has_ended()
    }

    /// Calls [`StreamMachine::put_off_release`].
    pub(crate) fn put_off_release(&self) -> bool {
        self.bell.machine().put_off_release()
    }

    /// Calls [`StreamMachine::take_release`].
    pub(crate) fn take_release(&self) -> bool {
        self.bell.machine().take_release()
    }

    /// Asks the generator to end.
    pub(crate) fn stop(&self) {
        let wake = self.bell.machine().stop();
        if wake {
            self.wake();
        }
    }

    /// Closes the stream because the call was answered.
    pub(crate) fn close(&self) {
        let (waiting, wake) = self.bell.machine().close();
        if wake {
            self.wake();
        }
        if let Some(answer) = waiting {
            answer(Ok(None));
        }
    }

    /// What the metrics show.
    pub fn gauges(&self) -> StreamGauges {
        self.bell.machine().gauges()
    }
}
