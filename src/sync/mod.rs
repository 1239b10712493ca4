//! Provides the five lock-free or lock-based protocols by which threads coordinate, and a clock.
//!
//! | file | promise |
//! | --- | --- |
//! | `mailbox` | one thread at a time is in an actor, and no message stays unhandled |
//! | `settlement` | a call is decided once, and everyone who waits for it is answered once |
//! | `sleep` | a sleeper does not miss work, and is woken only when it sleeps |
//! | `bell` | a thread that waits for a machine under a lock misses no change of it |
//! | `close_flag` | nothing stays in a queue that has no reader any more |
//!
//! `clock` tells the time by which limits are kept. The other files take their atomics and locks from
//! `primitives` only. In tests the same files are
//! compiled a second time against loom's primitives, and `models` tries every order in which
//! threads can meet.

mod bell;
pub(crate) mod clock;
mod close_flag;
mod mailbox;
mod settlement;
mod sleep;

pub(crate) use bell::Bell;
pub(crate) use close_flag::CloseFlag;
pub(crate) use mailbox::Mailbox;
pub(crate) use settlement::{Attached, Settlement};
pub(crate) use sleep::Sleep;

mod primitives {
    pub(super) use std::sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering, fence},
    };

    pub(super) use crossbeam_queue::SegQueue as Queue;
}

#[cfg(test)]
mod models;
