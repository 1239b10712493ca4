//! Represents a call that a pool has taken: its guard, its target, its body and its worker.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use super::{page_credit::PageCredit, target::Target};
use crate::actors::{Body, CallGuard, Key};
use crate::workers::pool::messages::WorkerId;

/// A call of a pool.
pub(crate) struct WorkerCall {
    pub(crate) guard: CallGuard,
    pub(crate) target: Target,
    /// Calls with the same key go to the same worker.
    pub(crate) key: Key,
    /// The body, kept if the call may run a second time.
    body: Mutex<Option<Body>>,
    /// The worker that runs the call; 0: none.
    worker: AtomicU64,
    page_credit: Mutex<PageCredit>,
}

impl WorkerCall {
    pub(crate) fn new(guard: CallGuard, target: Target, key: Key) -> Self {
        Self {
            guard,
            target,
            key,
            body: Mutex::new(None),
            worker: AtomicU64::new(0),
            page_credit: Mutex::new(PageCredit::new()),
        }
    }

    /// Gives the call to a worker. True: it is the first one.
    pub(crate) fn give_to(&self, worker: WorkerId) -> bool {
        self.worker.swap(worker, Ordering::AcqRel) == 0
    }

    pub(crate) fn worker(&self) -> WorkerId {
        self.worker.load(Ordering::Acquire)
    }

    pub(crate) fn page_credit(&self) -> MutexGuard<'_, PageCredit> {
        self.page_credit
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the body, for one more run.
    pub(crate) fn body(&self) -> Body {
        let mut kept = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        let body = kept.take().unwrap_or_else(|| self.guard.take_body());
        if self.target.idempotent {
            *kept = Some(body.clone());
        }
        body
    }
}
