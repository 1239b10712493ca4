//! A call in the pool's hands, and where its worker finds the command.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use serde::Deserialize;

use super::{channels::Channels, message::WorkerId};
use crate::actors::{Body, CallGuard, KeySource};

/// Where a worker finds a command.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// The module to import.
    pub module: String,
    /// The function in it.
    pub qualname: String,
    /// What the key is read from by which its calls choose their worker.
    #[serde(default)]
    pub affinity: KeySource,
    /// Whether its calls may run beside others such in one worker.
    #[serde(default)]
    pub shared: bool,
    /// Whether it may run a second time when its worker dies. Not a stream: its items are out.
    #[serde(default)]
    pub idempotent: bool,
}

/// See the module's text.
pub(super) struct Job {
    pub(super) guard: CallGuard,
    pub(super) target: Target,
    /// Kept for a second run.
    body: Mutex<Option<Body>>,
    /// The worker that runs it; 0: none.
    worker: AtomicU64,
    channels: Mutex<Channels>,
}

impl Job {
    pub(super) fn new(guard: CallGuard, target: Target) -> Self {
        Self {
            guard,
            target,
            body: Mutex::new(None),
            worker: AtomicU64::new(0),
            channels: Mutex::new(Channels::new()),
        }
    }

    /// Gives it to a worker. Whether it is its first.
    pub(super) fn give_to(&self, worker: WorkerId) -> bool {
        self.worker.swap(worker, Ordering::AcqRel) == 0
    }

    pub(super) fn worker(&self) -> WorkerId {
        self.worker.load(Ordering::Acquire)
    }

    pub(super) fn channels(&self) -> MutexGuard<'_, Channels> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The body, for one more run.
    pub(super) fn body(&self) -> Body {
        let mut kept = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        let body = kept.take().unwrap_or_else(|| self.guard.take_body());
        if self.target.idempotent {
            *kept = Some(body.clone());
        }
        body
    }
}
