//! The shell of a stream's machine: a lock, a clock, a bell for generators in threads, a waker for
//! those on event loops.

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
    request::Outcome,
    stream::{Allowance, Push, StreamGauges, StreamMachine, StreamOptions, Taken, Turn},
};
use crate::{error::CallError, sync::Bell};

/// Answers a pull of the page, once. `None`: the call was answered, nothing will come.
pub type PullAnswer = Box<dyn FnOnce(Result<Option<Batch>, CallError>) + Send>;

type Machine = StreamMachine<PullAnswer>;

/// The items of one stream call.
pub struct Items {
    bell: Bell<Machine>,
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
    pub(super) fn new(options: StreamOptions) -> Self {
        Self {
            bell: Bell::new(StreamMachine::new(options)),
            waker: OnceLock::new(),
            born: Instant::now(),
            waits_since: AtomicU64::new(0),
            total_timeout: OnceLock::new(),
        }
    }

    /// What is told, from any thread, when a push may succeed that found no credit.
    pub fn on_wake(&self, wake: impl Fn() + Send + Sync + 'static) {
        let _ = self.waker.set(Box::new(wake));
    }

    /// The generator has an item.
    pub fn push(&self, item: Item<'_>) -> Push {
        self.wait_begins();
        let (push, turn) = self.bell.machine().push(item);
        self.carry_out(turn);
        push
    }

    /// The generator counts its own credit, and waits with an item of `size` bytes: it is woken
    /// when that fits.
    pub fn want(&self, size: usize) {
        let turn = self.bell.machine().want(size);
        self.carry_out(turn);
    }

    /// What a generator that counts its own credit must keep to.
    pub fn allowance(&self) -> Allowance {
        self.bell.machine().allowance()
    }

    /// Items that the page's loop has taken in all: the credit given back.
    pub fn taken(&self) -> u64 {
        self.bell.machine().taken()
    }

    /// Waits, after a push that found no credit, until another try is worth it.
    pub fn wait(&self) {
        self.bell.wait_while(|machine| machine.is_full());
    }

    /// The page asks for more. Gives the outcome when the last item has been handed over, or the
    /// answer back of a page that counts wrongly.
    pub(super) fn pull(
        &self,
        at: Taken,
        answer: PullAnswer,
    ) -> Result<Option<Outcome>, (PullAnswer, CallError)> {
        let turn = self.bell.machine().pull(answer, at)?;
        Ok(self.carry_out(turn))
    }

    fn carry_out(&self, turn: Turn<PullAnswer>) -> Option<Outcome> {
        for (answer, batch) in turn.answers {
            answer(Ok(batch));
        }
        if turn.wake {
            self.wake();
        }
        turn.end
    }

    fn wait_begins(&self) {
        let now = u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waits_since.store(now, Ordering::Relaxed);
    }

    /// Since when the page waits for the next item: not at all while it is the generator, or the
    /// end, that waits for the page.
    pub(super) fn waits_since(&self) -> Instant {
        if self.bell.machine().waits_for_page() {
            return Instant::now();
        }
        self.born + Duration::from_micros(self.waits_since.load(Ordering::Relaxed))
    }

    /// How long all of them may take.
    pub(super) fn total_timeout(&self) -> Option<Duration> {
        self.total_timeout.get().copied()
    }

    pub(super) fn set_total_timeout(&self, after: Duration) {
        let _ = self.total_timeout.set(after);
    }

    fn wake(&self) {
        self.wait_begins();
        self.bell.ring();
        if let Some(wake) = self.waker.get() {
            wake();
        }
    }

    /// See [`StreamMachine::finish`]. A stream's answer says how many items it had: a webview may
    /// have lost the last of them.
    pub(super) fn finish(&self, outcome: Outcome) -> Option<Outcome> {
        let mut machine = self.bell.machine();
        let outcome = match (outcome, machine.count()) {
            (Outcome::Json(_), Some(count)) => Outcome::Json(count.to_string()),
            (outcome, _) => outcome,
        };
        machine.finish(outcome)
    }

    /// See [`StreamMachine::has_ended`].
    pub(super) fn has_ended(&self) -> bool {
        self.bell.machine().has_ended()
    }

    /// See [`StreamMachine::put_off_release`].
    pub(super) fn put_off_release(&self) -> bool {
        self.bell.machine().put_off_release()
    }

    /// See [`StreamMachine::take_release`].
    pub(super) fn take_release(&self) -> bool {
        self.bell.machine().take_release()
    }

    /// The generator must end.
    pub(super) fn stop(&self) {
        let wake = self.bell.machine().stop();
        if wake {
            self.wake();
        }
    }

    /// The call was answered.
    pub(super) fn close(&self) {
        let (waiting, wake) = self.bell.machine().close();
        if wake {
            self.wake();
        }
        if let Some(answer) = waiting {
            answer(Ok(None));
        }
    }

    /// A look from outside.
    pub fn gauges(&self) -> StreamGauges {
        self.bell.machine().gauges()
    }
}
