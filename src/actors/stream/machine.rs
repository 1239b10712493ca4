//! Buffers the items of one stream between its generator and the page that pulls them.
//!
//! This is a pure state machine: it has no clock, no lock and no I/O.
//!
//! ```text
//! generator --push--> (buffer) --pull--> page          push without credit: Full, until woken
//!           --finish(outcome)--> the outcome follows the last item
//!    any    --close--> over: the buffer is gone, pushes and pulls find nobody
//! ```
//!
//! A batch is kept until the next pull shows that it arrived: where a webview sends a pull twice,
//! it is answered twice.

use serde::Serialize;

use super::{
    batch::{Batch, Item, Writer},
    credit::{BYTES, Credit, ITEMS},
};
use crate::actors::call::request::{Outcome, StreamOptions};
use crate::error::CallError;

/// The limits for a generator that keeps its own count of credit, because it is in another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Allowance {
    /// How many items may be outstanding.
    pub items: usize,
    /// How many bytes of items may be outstanding. One item alone may have more.
    pub bytes: usize,
    /// Neither limit counts: a new item replaces one that was not taken.
    pub conflate: bool,
}

/// The result of pushing an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Push {
    /// The item is in the buffer, or handed over.
    In,
    /// There is no credit for it. Push it again when the stream wakes the generator.
    Full,
    /// The stream is over, and nobody wants the item.
    Over,
    /// It is not of the kind of the items before it, or too large to be sent.
    Misfit,
}

/// How much the page has received, in items since the stream began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Items that arrived on the page.
    pub received: u64,
    /// Items that its loop has taken. Their credit is given back.
    pub taken: u64,
}

/// What the caller does after a step, in this order. `P` is what answers a pull.
#[derive(Debug)]
pub(crate) struct StreamActions<P> {
    /// Pulls to answer. Those without a batch get no more items.
    pub(crate) answers: Vec<(P, Option<Batch>)>,
    /// Wake the generator.
    pub(crate) wake: bool,
    /// Everything was handed over: this is the call's outcome.
    pub(crate) end: Option<Outcome>,
}

impl<P> Default for StreamActions<P> {
    fn default() -> Self {
        Self {
            answers: Vec::new(),
            wake: false,
            end: None,
        }
    }
}

#[derive(Debug)]
enum StreamPhase {
    /// The generator may push.
    Open,
    /// The generator must end.
    Stopped,
    /// The generator has ended; its outcome follows the last item.
    Ended(Outcome),
    /// The outcome was handed over.
    Ending,
    /// The call was answered.
    Over,
}

/// The state of one stream.
#[derive(Debug)]
pub(crate) struct StreamMachine<P> {
    phase: StreamPhase,
    conflate: bool,
    credit: Credit,
    buffer: Writer,
    /// Items handed over.
    sent: u64,
    /// The number of items before the last batch, and that batch.
    last: Option<(u64, Batch)>,
    waiting: Option<P>,
    /// The size of the item that the generator waits with.
    wanted: Option<usize>,
    /// The call's work ended before its outcome was handed over.
    released: bool,
}

/// What the metrics show of streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct StreamGauges {
    /// The number of streams.
    pub open: usize,
    /// Items that wait for their page.
    pub items: u64,
    /// The bytes of those items.
    pub bytes: usize,
}

impl Allowance {
    /// The allowance for the channel messages of one call.
    pub(crate) const MESSAGES: Self = Self {
        items: ITEMS,
        bytes: BYTES,
        conflate: false,
    };
}

impl<P> StreamMachine<P> {
    pub(crate) fn new(options: StreamOptions) -> Self {
        Self {
            phase: StreamPhase::Open,
            conflate: options.conflate,
            credit: Credit::new(options.buffer.unwrap_or(ITEMS)),
            buffer: Writer::default(),
            sent: 0,
            last: None,
            waiting: None,
            wanted: None,
            released: false,
        }
    }

    /// What the metrics show. Empty when the stream is over.
    pub(crate) fn gauges(&self) -> StreamGauges {
        StreamGauges {
            open: usize::from(!matches!(self.phase, StreamPhase::Over)),
            items: self.buffer.count(),
            bytes: self.buffer.bytes(),
        }
    }

    /// How many items the generator has pushed. `None`: some of them do not go to the page.
    pub(crate) fn count(&self) -> Option<u64> {
        (!self.conflate).then(|| self.sent + self.buffer.count())
    }

    /// Whether the generator waits for credit.
    pub(crate) fn is_full(&self) -> bool {
        self.wanted.is_some()
    }

    /// Whether the page must act next: the generator waits for credit, or has ended.
    pub(crate) fn waits_for_page(&self) -> bool {
        self.is_full() || self.has_ended()
    }

    /// Pushes the generator's next item.
    pub(crate) fn push(&mut self, item: Item<'_>) -> (Push, StreamActions<P>) {
        let mut turn = StreamActions::default();
        if !matches!(self.phase, StreamPhase::Open) {
            return (Push::Over, turn);
        }
        if self.conflate {
            self.buffer.clear();
        } else if !self.credit.fits(item.size()) {
            return (Push::Full, self.want(item.size()));
        }
        if !self.buffer.add(item) {
            return (Push::Misfit, turn);
        }
        if !self.conflate {
            self.credit.spend(item.size());
        }
        self.serve(&mut turn);
        (Push::In, turn)
    }

    /// Notes that the generator waits with an item of `size`, as after a push that found no credit.
    pub(crate) fn want(&mut self, size: usize) -> StreamActions<P> {
        let mut turn = StreamActions::default();
        if !matches!(self.phase, StreamPhase::Open) {
            return turn;
        }
        if self.conflate || self.credit.fits(size) {
            turn.wake = true;
        } else {
            self.wanted = Some(size);
            self.serve(&mut turn);
        }
        turn
    }

    /// The limits for a generator in another process.
    pub(crate) fn allowance(&self) -> Allowance {
        Allowance {
            items: self.credit.limit(),
            bytes: BYTES,
            conflate: self.conflate,
        }
    }

    /// How many items the page's loop has taken in all: the credit given back.
    pub(crate) fn taken(&self) -> u64 {
        self.credit.taken()
    }

    /// Handles the page's request for more. An older pull that still waits is answered with
    /// nothing.
    pub(crate) fn pull(&mut self, pull: P, at: Taken) -> Result<StreamActions<P>, (P, CallError)> {
        let mut turn = StreamActions::default();
        if matches!(self.phase, StreamPhase::Over) {
            turn.answers.push((pull, None));
            return Ok(turn);
        }
        let repeated = match &self.last {
            Some((first, batch)) if *first == at.received => Some(batch.clone()),
            _ => None,
        };
        let known = at.received == self.sent || repeated.is_some();
        let credited = |credit: &mut Credit| self.conflate || credit.give_back(at.taken);
        if !known || at.taken > at.received || !credited(&mut self.credit) {
            let error = CallError::protocol("a pull of this stream counts items that were not");
            return Err((pull, error));
        }
        self.answer_empty(&mut turn);
        if let Some(batch) = repeated {
            turn.answers.push((pull, Some(batch)));
        } else {
            self.last = None;
            self.waiting = Some(pull);
        }
        if self.wanted.is_some_and(|size| self.credit.fits(size)) {
            self.wanted = None;
            turn.wake = true;
        }
        self.serve(&mut turn);
        Ok(turn)
    }

    /// Answers the waiting pull when there is a reason to.
    fn serve(&mut self, turn: &mut StreamActions<P>) {
        if self.waiting.is_none() {
            return;
        }
        if self.buffer.count() == 0 {
            // The generator waits for credit that the page may have without knowing of the need.
            if self.wanted.is_some() {
                self.answer_empty(turn);
            }
            return;
        }
        let first = self.sent;
        self.sent += self.buffer.count();
        let batch = self.buffer.finish();
        if let Some(pull) = self.waiting.take() {
            self.last = Some((first, batch.clone()));
            turn.answers.push((pull, Some(batch)));
        }
        if matches!(self.phase, StreamPhase::Ended(_))
            && let StreamPhase::Ended(outcome) =
                std::mem::replace(&mut self.phase, StreamPhase::Ending)
        {
            turn.end = Some(outcome);
        }
    }

    fn answer_empty(&mut self, turn: &mut StreamActions<P>) {
        if let Some(pull) = self.waiting.take() {
            turn.answers.push((pull, Some(Batch::empty(self.sent))));
        }
    }

    /// Notes that the generator has ended. Returns the outcome when no item waits before it.
    pub(crate) fn finish(&mut self, outcome: Outcome) -> Option<Outcome> {
        match self.phase {
            StreamPhase::Ended(_) | StreamPhase::Ending => None,
            StreamPhase::Over => Some(outcome),
            StreamPhase::Open | StreamPhase::Stopped if self.buffer.count() == 0 => {
                self.phase = StreamPhase::Ending;
                Some(outcome)
            }
            StreamPhase::Open | StreamPhase::Stopped => {
                self.phase = StreamPhase::Ended(outcome);
                None
            }
        }
    }

    /// Whether the generator has ended, and its outcome is still to be handed over.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.phase, StreamPhase::Ended(_) | StreamPhase::Ending)
    }

    /// Puts the release off when the outcome is still to come. True: it did.
    pub(crate) fn put_off_release(&mut self) -> bool {
        let wait = self.has_ended();
        self.released |= wait;
        wait
    }

    /// Whether a release was put off and is due now.
    pub(crate) fn take_release(&mut self) -> bool {
        std::mem::take(&mut self.released)
    }

    /// Asks the generator to end. The items that it has pushed stay. True: wake it.
    pub(crate) fn stop(&mut self) -> bool {
        if matches!(self.phase, StreamPhase::Open) {
            self.phase = StreamPhase::Stopped;
        }
        self.wanted.take().is_some()
    }

    /// Closes the stream because the call was answered. Returns the pull that waits, and whether to
    /// wake the generator.
    pub(crate) fn close(&mut self) -> (Option<P>, bool) {
        self.phase = StreamPhase::Over;
        self.last = None;
        self.buffer.clear();
        (self.waiting.take(), self.wanted.take().is_some())
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
