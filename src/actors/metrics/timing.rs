//! Records when a call started, was answered and ended, for histograms and for `tracing` spans.

use std::{
    fmt,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tracing::{Span, field::Empty};

use crate::{
    actors::{call::request::Request, ids::Name},
    sync::clock,
};

/// A moment, as microseconds after the call was accepted, plus one. 0: not yet.
#[derive(Default)]
struct TimestampCell(AtomicU64);

impl TimestampCell {
    /// Sets the mark, the first time only.
    fn set(&self, accepted: Instant) {
        let micros = u64::try_from(clock::since(accepted).as_micros()).unwrap_or(u64::MAX - 1);
        let unset = self.0.load(Ordering::Relaxed) == 0;
        if unset {
            self.0.store(micros.saturating_add(1), Ordering::Relaxed);
        }
    }

    fn get(&self) -> Option<Duration> {
        let micros = self.0.load(Ordering::Relaxed).checked_sub(1);
        micros.map(Duration::from_micros)
    }
}

/// How long a call has taken so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Until user code began. If it did not begin: until now, or until the end.
    pub queue: Duration,
    /// From then until now, or until the work ended. `None`: user code did not begin.
    pub run: Option<Duration>,
    /// Until the answer. `None`: there is none yet.
    pub total: Option<Duration>,
}

/// The marks of one call, and its `tracing` span.
pub(crate) struct Timing {
    accepted: Instant,
    begun: TimestampCell,
    answered: TimestampCell,
    executor: OnceLock<Name>,
    /// Open from acceptance to the end of the work. It is disabled when nobody subscribes.
    span: Mutex<Span>,
}

impl fmt::Debug for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.times())
    }
}

impl Timing {
    pub(crate) fn new(accepted: Instant, request: &Request) -> Self {
        let span = tracing::debug_span!(
            target: "transom::call",
            "call",
            id = request.key.0,
            command = &*request.command,
            window = &*request.window,
            executor = Empty,
            outcome = Empty,
            queue_us = Empty,
            run_us = Empty,
            total_us = Empty,
        );
        Self {
            accepted,
            begun: TimestampCell::default(),
            answered: TimestampCell::default(),
            executor: OnceLock::new(),
            span: Mutex::new(span),
        }
    }

    fn span(&self) -> std::sync::MutexGuard<'_, Span> {
        self.span.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that an executor took the call.
    pub(crate) fn take_on(&self, executor: &Name) {
        if self.executor.set(executor.clone()).is_ok() {
            self.span().record("executor", &**executor);
        }
    }

    /// The executor that took the call.
    pub(crate) fn executor(&self) -> Option<&Name> {
        self.executor.get()
    }

    /// Notes that user code begins.
    pub(crate) fn begin(&self) {
        self.begun.set(self.accepted);
    }

    /// Notes that the call was answered. `outcome` is an error code, or `value`.
    pub(crate) fn answer(&self, outcome: &'static str) {
        self.answered.set(self.accepted);
        self.span().record("outcome", outcome);
    }

    pub(crate) fn times(&self) -> Times {
        let age = clock::since(self.accepted);
        let begun = self.begun.get();
        Times {
            queue: begun.unwrap_or(age),
            run: begun.map(|begun| age.saturating_sub(begun)),
            total: self.answered.get(),
        }
    }

    /// Notes that the work ended, and closes the span.
    pub(crate) fn end(&self) -> Times {
        let times = self.times();
        let span = std::mem::replace(&mut *self.span(), Span::none());
        if !span.is_none() {
            span.record("queue_us", micros(times.queue));
            times.run.map(|run| span.record("run_us", micros(run)));
            times.total.map(|it| span.record("total_us", micros(it)));
        }
        times
    }
}

/// Converts to whole microseconds. No call takes longer than that number can hold.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
