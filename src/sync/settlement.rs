//! Decides the outcome of a call exactly once, by compare-and-swap, and keeps its state flags.

use super::primitives::{AtomicU8, Mutex, Ordering, PoisonError};

const BEGUN: u8 = 1;
const SETTLED: u8 = 2;
const CANCELLED: u8 = 4;
const RELEASED: u8 = 8;
const FORGOTTEN: u8 = 16;
const RAN: u8 = 32;
const JOB: u8 = 64;
const TIMED: u8 = 128;

/// How many repeats of a call may wait with it. A page that makes more is at fault.
const REPEATS: usize = 8;

/// The flags and the outcome of one call. `R` is a responder, `O` is an outcome.
pub(crate) struct Settlement<R, O> {
    flags: AtomicU8,
    answer: Mutex<AnswerState<R, O>>,
}

enum AnswerState<R, O> {
    Waiting(Vec<R>),
    Given(Option<O>),
}

/// What happened to repeats that asked for the same outcome.
#[derive(Debug)]
pub(crate) enum Attached<R, O> {
    /// They wait with the call.
    Waiting,
    /// Too many wait. The caller must answer these.
    TooMany(Vec<R>),
    /// The call was answered before. These get the outcome, if it was kept.
    Given(Vec<R>, Option<O>),
}

impl<R, O: Clone> Settlement<R, O> {
    pub(crate) fn new(responder: R) -> Self {
        Self {
            flags: AtomicU8::new(0),
            answer: Mutex::new(AnswerState::Waiting(vec![responder])),
        }
    }

    /// Marks that user code is about to run. False: it must not, as the call was stopped.
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

    /// Whether user code ran to its end by itself.
    pub(crate) fn has_run(&self) -> bool {
        self.flag(RAN)
    }

    pub(crate) fn mark_ran(&self) {
        self.raise(RAN);
    }

    pub(crate) fn mark_cancelled(&self) {
        self.raise(CANCELLED);
    }

    /// Asks the work to stop unless user code has begun. False: it has begun.
    pub(crate) fn cancel_unbegun(&self) -> bool {
        self.flags
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |flags| {
                (flags & BEGUN == 0).then_some(flags | CANCELLED)
            })
            .is_ok()
    }

    /// Notes that something waits for a time to pass, after that could be found. Whoever settles
    /// the call sees this mark, or `is_settled` is true from here on.
    pub(crate) fn mark_timed(&self) {
        self.raise(TIMED);
    }

    /// Whether something was noted since this was last asked.
    pub(crate) fn take_timed(&self) -> bool {
        self.flag(TIMED) && self.flags.fetch_and(!TIMED, Ordering::AcqRel) & TIMED != 0
    }

    /// Marks the work as ended. True when nobody needs the call any more.
    pub(crate) fn mark_released(&self) -> bool {
        is_done(self.raise(RELEASED) | RELEASED)
    }

    /// Marks the answer as not needed again. True when nobody needs the call any more.
    pub(crate) fn mark_forgotten(&self) -> bool {
        is_done(self.raise(FORGOTTEN) | FORGOTTEN)
    }

    /// Marks the outcome of a job as not needed. True when nobody needs the call any more.
    pub(crate) fn mark_dropped(&self) -> bool {
        is_done(self.flags.fetch_and(!JOB, Ordering::AcqRel) & !JOB)
    }

    /// Whether the call goes on, or has gone on, without its page. Once the call is settled, this
    /// does not change until the call is dropped.
    pub(crate) fn is_job(&self) -> bool {
        self.flag(JOB)
    }

    /// Turns the call into a job. Returns all its responders, because its outcome is for others.
    /// `None`: it was decided before.
    pub(crate) fn become_job(&self) -> Option<Vec<R>> {
        let undecided = |flags| (flags & SETTLED == 0).then_some(flags | JOB);
        self.flags
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, undecided)
            .ok()?;
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match &mut *answer {
            AnswerState::Waiting(responders) => std::mem::take(responders),
            AnswerState::Given(_) => Vec::new(),
        })
    }

    /// The outcome, if it was kept.
    pub(crate) fn kept(&self) -> Option<O> {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        match &*answer {
            AnswerState::Waiting(_) => None,
            AnswerState::Given(kept) => kept.clone(),
        }
    }

    /// Replaces the kept outcome.
    pub(crate) fn keep(&self, outcome: O) {
        drop(self.give(Some(outcome)));
    }

    fn flag(&self, bit: u8) -> bool {
        self.flags.load(Ordering::Acquire) & bit != 0
    }

    fn raise(&self, bit: u8) -> u8 {
        self.flags.fetch_or(bit, Ordering::AcqRel)
    }

    /// Decides the outcome, and returns all responders. `None`: it was decided before. Only the
    /// winner calls `outcome`, at a time when user code can no longer begin. Its result is the
    /// outcome that later repeats get.
    pub(crate) fn settle(&self, outcome: impl FnOnce() -> Option<O>) -> Option<Vec<R>> {
        if self.raise(SETTLED) & SETTLED != 0 {
            return None;
        }
        Some(self.give(outcome()))
    }

    /// Gives the responders away. There are none left if the call was decided before.
    pub(crate) fn hand_over(&self) -> Vec<R> {
        self.settle(|| None).unwrap_or_default()
    }

    fn give(&self, kept: Option<O>) -> Vec<R> {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *answer, AnswerState::Given(kept)) {
            AnswerState::Waiting(responders) => responders,
            AnswerState::Given(_) => Vec::new(),
        }
    }

    /// Lets repeats wait for the same outcome, or have it at once.
    pub(crate) fn attach(&self, mut repeats: Vec<R>) -> Attached<R, O> {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *answer {
            AnswerState::Waiting(responders) if responders.len() <= REPEATS => {
                responders.append(&mut repeats);
                Attached::Waiting
            }
            AnswerState::Waiting(_) => Attached::TooMany(repeats),
            AnswerState::Given(kept) => Attached::Given(repeats, kept.clone()),
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
