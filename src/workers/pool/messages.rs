//! Defines the events and effects of a pool, and its options.

use serde::{Deserialize, Serialize};

use crate::workers::process::exit_status::Exit;
use crate::{
    actors::{CallKey, Class, Key, Name},
    error::CallError,
};

/// A worker, unique in the life of its pool.
pub type WorkerId = u64;

/// The options of a pool. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoolSpec {
    /// How many workers there may be at once.
    pub workers: usize,
    /// How many idle workers are kept ready beyond those in use.
    pub warm: usize,
    /// The time from a cancel to the kill.
    pub grace: u64,
    /// The time that a worker may take from its start to READY.
    pub start_timeout: u64,
    /// How many early deaths are tolerated, within which time. `None`: any number.
    pub max_restarts: Option<(usize, u64)>,
    /// How many deaths during calls of one command, within which time, put it in quarantine.
    /// `None`: no number does.
    pub quarantine: Option<(usize, u64)>,
    /// A worker ends after this many calls.
    #[serde(default)]
    pub recycle_after: Option<u64>,
}

/// A call, as the pool's machine knows it.
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
    /// Calls with the same key go to the same worker. `None`: the call may go to any.
    pub key: Key,
    /// Whether it may share a worker with other such calls.
    #[serde(default)]
    pub shared: bool,
    /// How often it may still start. 2: it may start a second time when its worker dies.
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
    /// A worker is done with a call. `ran`: the call was given to the process. `unfit`: the worker
    /// should run no other call.
    Finished {
        worker: WorkerId,
        call: CallKey,
        ran: bool,
        #[serde(default)]
        unfit: bool,
    },
    /// A worker's process is gone.
    Died { worker: WorkerId, exit: Exit },
    /// A worker uses more memory than it may.
    Overweight { worker: WorkerId },
    /// The app kills a worker, unless it has a call that is not among these.
    Kill {
        worker: WorkerId,
        calls: Vec<CallKey>,
    },
    /// The app's code has changed: no worker that is there takes another call.
    Renew,
    /// Time has passed.
    Tick,
    /// Nothing new will come: refuse what waits, and end workers when they are idle.
    Stop,
}

/// An event, and the time when it happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timed {
    /// Milliseconds since the pool was made.
    pub now: u64,
    /// What happened.
    pub event: PoolEvent,
}

/// How the work of a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CallEnd {
    /// It never ran.
    NeverRan,
    /// It ended by itself.
    Finished,
    /// It ended after it was told to stop.
    Cancelled,
    /// It ended with its worker.
    Killed,
}

/// What a pool asks for. Each call ends with exactly one of `Refuse` and `Release`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum PoolEffect {
    /// Start a process.
    Spawn { worker: WorkerId },
    /// Give a call to a worker.
    Send { worker: WorkerId, call: CallKey },
    /// Ask a worker to stop a call.
    Interrupt { worker: WorkerId, call: CallKey },
    /// End a worker after it has handled what was sent to it.
    Quit { worker: WorkerId },
    /// Kill a worker's process group.
    Kill { worker: WorkerId },
    /// Answer a call with an error; its work has ended.
    Refuse { call: CallKey, error: CallError },
    /// A call's work has ended; it was answered.
    Release { call: CallKey, ending: CallEnd },
    /// A worker is gone.
    Forget { worker: WorkerId },
    /// Send a tick, not before this time.
    Look { at: u64 },
}
