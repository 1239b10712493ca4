//! What a pool is told, and what it asks for.

use serde::{Deserialize, Serialize};

use super::exit::Exit;
use crate::{
    actors::{CallKey, Class, Key, Name},
    error::CallError,
};

/// A worker, unique in the life of its pool.
pub type WorkerId = u64;

/// How a pool behaves; times in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoolSpec {
    /// Workers at once.
    pub workers: usize,
    /// Workers beyond those in use that stand ready.
    pub warm: usize,
    /// From a cancel to the kill.
    pub grace: u64,
    /// From a worker's start to READY.
    pub start_timeout: u64,
    /// Early deaths that are borne, and within which time; `None`: any number.
    pub max_restarts: Option<(usize, u64)>,
    /// Deaths during calls of one command, and within which time, that make it rest; `None`: none.
    pub quarantine: Option<(usize, u64)>,
    /// A worker ends after so many calls.
    #[serde(default)]
    pub recycle_after: Option<u64>,
}

/// A call, as a pool's machine knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The call.
    pub call: CallKey,
    /// Its command.
    pub command: Name,
    /// The label of the calling window.
    pub window: Name,
    /// How urgent it is.
    pub class: Class,
    /// Calls of one key go to one worker; `None`: to any.
    pub key: Key,
    /// It may run beside others such in one worker.
    #[serde(default)]
    pub shared: bool,
    /// How often it may still start; 2: a second time when its worker dies.
    pub starts: u8,
}

/// What can happen to a pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum PoolEvent {
    /// Run a call.
    Run(Task),
    /// Stop a call.
    Cancel { call: CallKey },
    /// A worker can take calls.
    Ready { worker: WorkerId },
    /// A worker is done with a call. `ran`: it was given to the process. `unfit`: the worker should
    /// run no other one.
    Finished {
        worker: WorkerId,
        call: CallKey,
        ran: bool,
        #[serde(default)]
        unfit: bool,
    },
    /// A worker's process is gone.
    Died { worker: WorkerId, exit: Exit },
    /// A worker holds more memory than it may.
    Overweight { worker: WorkerId },
    /// The app gives a worker up, unless it has a call that is not among these.
    Kill {
        worker: WorkerId,
        calls: Vec<CallKey>,
    },
    /// Time has passed.
    Tick,
    /// Nothing new will come: what waits is refused, and workers end when they are idle.
    Stop,
}

/// An event and when it happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timed {
    /// Milliseconds since the pool was made.
    pub now: u64,
    /// What happened.
    pub event: PoolEvent,
}

/// How the work of a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Ending {
    /// It never ran.
    NeverRan,
    /// By itself.
    Finished,
    /// After it was told to stop.
    Cancelled,
    /// With its worker.
    Killed,
}

/// What a pool asks for. Each call that ran in ends with exactly one of `Refuse` and `Release`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum PoolEffect {
    /// Start a process.
    Spawn { worker: WorkerId },
    /// Give a call to a worker.
    Send { worker: WorkerId, call: CallKey },
    /// Ask a worker to stop a call.
    Interrupt { worker: WorkerId, call: CallKey },
    /// End a worker after what was sent to it.
    Quit { worker: WorkerId },
    /// Kill a worker's process group.
    Kill { worker: WorkerId },
    /// Answer a call with an error; its work has ended.
    Refuse { call: CallKey, error: CallError },
    /// A call's work has ended; it was answered.
    Release { call: CallKey, ending: Ending },
    /// A worker is gone.
    Forget { worker: WorkerId },
    /// Come back with a tick, not before this time.
    Look { at: u64 },
}
