//! Worker processes: executors outside of this process. Knows the actors, nothing of Tauri or Python:
//! a call's bytes go from the page to a worker and back without anybody's GIL.
//!
//! ```text
//! Executor ─▶ Pool (a machine: who runs what, who starts, who is killed) ─▶ Worker ─▶ process
//!          ◀─ guard dropped ◀──────── finished, died ◀──────── one thread per worker ◀─┘
//! ```
//!
//! | file | job |
//! | --- | --- |
//! | `pool` | the pool's machine: pure |
//! | `health` | when a pool starts workers, and which commands rest: pure |
//! | `frame` | the frames of the link: pure |
//! | `head` | what the frames say: JSON heads |
//! | `shell` | joins the machine to calls and processes |
//! | `worker` | one worker: its process, its link, its thread |
//! | `process` | starting and killing a process, by platform |
//! | `exit` | how a process ended |

mod exit;
mod frame;
mod head;
mod health;
mod pool;
mod process;
mod shell;
mod worker;

pub use exit::Exit;
pub use pool::{PoolEffect, PoolEvent, PoolMachine, PoolSpec, Timed, WorkerId};
pub use shell::{Launch, Pool, Target};
