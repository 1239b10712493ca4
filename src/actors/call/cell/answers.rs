//! Decides the outcome of a call, once, and gives it to those who wait for it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Call, Responder};
use crate::{actors::call::request::Outcome, error::CallError, sync::Attached};

/// Outcomes up to this size can be given again to a repeat of the call.
const REPLAYED: usize = 64 * 1024;

/// The responders that must be called now, and the outcome that they get.
pub(crate) struct Decided(Vec<Responder>, Outcome);

impl Call {
    /// Decides the outcome, once, and answers with it. False: it had been decided before.
    pub(crate) fn settle(&self, outcome: Outcome) -> bool {
        let decided = self.decide(outcome);
        decided.map(|decided| self.answer(decided)).is_some()
    }

    /// Decides the outcome, once. Returns what must be answered, or `None` if it was decided
    /// before.
    pub(crate) fn decide(&self, mut outcome: Outcome) -> Option<Decided> {
        let responders = self.settlement.settle(|| {
            self.say_whether_started(&mut outcome);
            let keep = self.is_job() || outcome.size() <= REPLAYED;
            keep.then(|| outcome.clone())
        })?;
        if let Some(items) = &self.items {
            if !items.has_ended() {
                // A generator that finds nobody may end before the cancel comes.
                self.settlement.mark_cancelled();
            }
            items.close();
        }
        Some(Decided(responders, outcome))
    }

    pub(crate) fn answer(&self, Decided(responders, outcome): Decided) {
        self.respond(responders, outcome);
    }

    /// Adds to an error whether user code ran. Whoever settles the call may know better than this
    /// cell: a body is validated after the call began and before the command's own code.
    pub(super) fn say_whether_started(&self, outcome: &mut Outcome) {
        if let Outcome::Error(error) = outcome {
            let started = || self.begun().into();
            error.details.entry("started").or_insert_with(started);
        }
    }

    pub(super) fn respond(&self, mut responders: Vec<Responder>, outcome: Outcome) {
        let last = responders.pop();
        for responder in responders {
            self.respond_one(responder, outcome.clone());
        }
        if let Some(responder) = last {
            self.respond_one(responder, outcome);
        }
    }

    /// Calls one responder. If it panics, the other responders and the actors still get the news.
    fn respond_one(&self, responder: Responder, outcome: Outcome) {
        if catch_unwind(AssertUnwindSafe(|| responder(self, outcome))).is_err() {
            log::error!("the answer of {:?} panicked", self.key());
        }
    }

    /// Lets a repeat of this call wait for the same outcome, or have it at once.
    pub(crate) fn attach(&self, repeat: Vec<Responder>) {
        let (repeat, outcome) = match self.settlement.attach(repeat) {
            Attached::Waiting => return,
            Attached::TooMany(repeat) => (repeat, Err("this call was repeated too often")),
            Attached::Given(repeat, kept) => (
                repeat,
                kept.ok_or("this call was answered before, and its result was too large to keep"),
            ),
        };
        let outcome = outcome.unwrap_or_else(|why| {
            let mut error = Outcome::Error(CallError::protocol(why));
            self.say_whether_started(&mut error);
            error
        });
        self.respond(repeat, outcome);
    }

    /// Gives the responders away, to the call that this one repeats.
    pub(crate) fn hand_over(&self) -> Vec<Responder> {
        self.settlement.hand_over()
    }
}
