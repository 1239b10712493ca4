//! Checks the protocols of `sync` with loom, in every order in which their threads can meet.
//!
//! loom stops at each atomic and each lock, and tries what the other threads could do there. A
//! model fails by an assertion, by a deadlock (a missed wake-up), or by two threads in one `Cell`
//! (a lock that does not exclude). `LOOM_MAX_PREEMPTIONS` bounds how often a thread is interrupted:
//! 2, unless set. Almost all known bugs of this kind show within 3.

// Each is compiled here for the second time, against other primitives; that is the point. loom's
// threads take turns on one real thread.
#![allow(
    clippy::duplicate_mod,
    clippy::unwrap_used,
    clippy::arc_with_non_send_sync,
    dead_code
)]

#[path = "../bell.rs"]
mod bell;
#[path = "../close_flag.rs"]
mod close_flag;
#[path = "../mailbox.rs"]
mod mailbox;
#[path = "../settlement.rs"]
mod settlement;
#[path = "../sleep.rs"]
mod sleep;

mod credit_model;
mod mailbox_model;
mod queue_model;
mod settlement_model;

mod primitives {
    use std::collections::VecDeque;
    pub(super) use std::sync::PoisonError;

    pub(super) use loom::sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering, fence},
    };

    /// Stands for the lock-free queue, which its authors have modelled.
    pub(super) struct Queue<T>(Mutex<VecDeque<T>>);

    impl<T> Queue<T> {
        pub(super) fn new() -> Self {
            Self(Mutex::new(VecDeque::new()))
        }

        pub(super) fn push(&self, item: T) {
            self.0.lock().unwrap().push_back(item);
        }

        pub(super) fn pop(&self) -> Option<T> {
            self.0.lock().unwrap().pop_front()
        }
    }
}

/// Runs `model` in every order of its threads.
fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(2));
    builder.check(model);
}
