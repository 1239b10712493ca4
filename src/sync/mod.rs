//! What threads agree on without waiting for each other: five protocols, each a file of its own.
//!
//! | file | promise |
//! | --- | --- |
//! | `mailbox` | one thread at a time is in an actor, and no message is left lying |
//! | `settlement` | a call is decided once, and everyone who waits for it is answered once |
//! | `sleep` | a sleeper does not miss work, and is woken only when it sleeps |
//! | `bell` | who waits for a machine under a lock misses no change of it |
//! | `ending` | nothing is left in a queue that nobody empties any more |
//!
//! They know their atomics and locks by `primitives` only. In tests the same files are compiled a
//! second time against loom's, and `models` tries every order in which threads can meet.

mod bell;
mod ending;
mod mailbox;
mod settlement;
mod sleep;

pub(crate) use bell::Bell;
pub(crate) use ending::Ending;
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
