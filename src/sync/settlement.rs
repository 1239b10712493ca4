//! How far a call is, and its outcome, decided once by compare-and-swap.

use super::primitives::{AtomicU8, Mutex, Ordering, PoisonError};

const BEGUN: u8 = 1;
const SETTLED: u8 = 2;
const CANCELLED: u8 = 4;
const RELEASED: u8 = 8;
const FORGOTTEN: u8 = 16;
const RAN: u8 = 32;
const JOB: u8 = 64;

/// How many repeats of a call wait with it; a page that makes more is at fault.
const REPEATS: usize = 8;

/// `R` answers one who waits; `O` is an outcome.
pub(crate) struct Settlement<R, O> {
    flags: AtomicU8,
    answer: Mutex<Answer<R, O>>,
}

enum Answer<R, O> {
    Waiting(Vec<R>),
    Given(Option<O>),
}

/// What became of repeats that asked for the same outcome.
#[derive(Debug)]
pub(crate) enum Attached<R, O> {
    /// They wait with the call.
    Waiting,
    /// Too many wait: they are the caller's to answer.
    TooMany(Vec<R>),
    /// The call was answered before; the outcome, if it was kept, is theirs.
    Given(Vec<R>, Option<O>),
}

impl<R, O: Clone> Settlement<R, O> {
    pub(crate) fn new(responder: R) -> Self {
        Self {
            flags: AtomicU8::new(0),
            answer: Mutex::new(Answer::Waiting(vec![responder])),
        }
    }

    /// Marks that user code is about to run. False: it must not.
    pub(crate) fn begin(&self) -> bool {
        let stop = SETTLED | CANCELLED | BEGUN;
        self.flags
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |flags| {
                (flags & stop == 0).then_some(flags | BEGUN)
            })
            .is_ok()
    }

    pub(crate) fn begun(&self) -> bool {
        self.flag(BEGUN)
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.flag(SETTLED)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.flag(CANCELLED)
    }

    pub(crate) fn is_released(&self) -> bool {
        self.flag(RELEASED)
    }

    /// Whether user code came to its end by itself.
    pub(crate) fn has_run(&self) -> bool {
        self.flag(RAN)
    }

    pub(crate) fn mark_ran(&self) {
        self.raise(RAN);
    }

    pub(crate) fn mark_cancelled(&self) {
        self.raise(CANCELLED);
    }

    /// Asks the work to stop unless user code has begun. False: it has.
    pub(crate) fn cancel_unbegun(&self) -> bool {
        self.flags
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |flags| {
                (flags & BEGUN == 0).then_some(flags | CANCELLED)
            })
            .is_ok()
    }

    /// True when nobody needs the call any more.
    pub(crate) fn mark_released(&self) -> bool {
        is_done(self.raise(RELEASED) | RELEASED)
    }

    /// True when nobody needs the call any more.
    pub(crate) fn mark_forgotten(&self) -> bool {
        is_done(self.raise(FORGOTTEN) | FORGOTTEN)
    }

    /// The outcome of a job need not be kept any more. True when nobody needs the call any more.
    pub(crate) fn mark_dropped(&self) -> bool {
        is_done(self.flags.fetch_and(!JOB, Ordering::AcqRel) & !JOB)
    }

    /// Whether the call goes on without its page, or has. Once settled it does not change until
    /// it is dropped.
    pub(crate) fn is_job(&self) -> bool {
        self.flag(JOB)
    }

    /// Turns the call into a job. Returns all who wait: its outcome is for others.
    /// `None`: it was decided before.
    pub(crate) fn become_job(&self) -> Option<Vec<R>> {
        let undecided = |flags| (flags & SETTLED == 0).then_some(flags | JOB);
        self.flags
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, undecided)
            .ok()?;
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match &mut *answer {
            Answer::Waiting(responders) => std::mem::take(responders),
            Answer::Given(_) => Vec::new(),
        })
    }

    /// The outcome, where it was kept.
    pub(crate) fn kept(&self) -> Option<O> {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        match &*answer {
            Answer::Waiting(_) => None,
            Answer::Given(kept) => kept.clone(),
        }
    }

    /// Keeps another outcome in the place of the one that was given.
    pub(crate) fn keep(&self, outcome: O) {
        drop(self.give(Some(outcome)));
    }

    fn flag(&self, bit: u8) -> bool {
        self.flags.load(Ordering::Acquire) & bit != 0
    }

    fn raise(&self, bit: u8) -> u8 {
        self.flags.fetch_or(bit, Ordering::AcqRel)
    }

    /// Decides the outcome. `outcome` is called by the winner only, when user code can no longer
    /// begin; it gives what a later repeat is answered with. Returns all who wait.
    /// `None`: it was decided before.
    pub(crate) fn settle(&self, outcome: impl FnOnce() -> Option<O>) -> Option<Vec<R>> {
        if self.raise(SETTLED) & SETTLED != 0 {
            return None;
        }
        Some(self.give(outcome()))
    }

    /// Gives the right to answer away. Nothing is left for one that was decided before.
    pub(crate) fn hand_over(&self) -> Vec<R> {
        self.settle(|| None).unwrap_or_default()
    }

    fn give(&self, kept: Option<O>) -> Vec<R> {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *answer, Answer::Given(kept)) {
            Answer::Waiting(responders) => responders,
            Answer::Given(_) => Vec::new(),
        }
    }

    /// Lets repeats wait for, or have, the same outcome.
    pub(crate) fn attach(&self, mut repeats: Vec<R>) -> Attached<R, O> {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *answer {
            Answer::Waiting(responders) if responders.len() <= REPEATS => {
                responders.append(&mut repeats);
                Attached::Waiting
            }
            Answer::Waiting(_) => Attached::TooMany(repeats),
            Answer::Given(kept) => Attached::Given(repeats, kept.clone()),
        }
    }
}

/// Whether nobody needs a call with these flags any more.
fn is_done(flags: u8) -> bool {
    flags & (RELEASED | FORGOTTEN | JOB) == RELEASED | FORGOTTEN
}

impl<R, O> std::fmt::Debug for Settlement<R, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settlement")
            .field("flags", &self.flags)
            .finish_non_exhaustive()
    }
}
