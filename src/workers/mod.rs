//! Runs commands in pools of worker processes.
//!
//! This module knows the actors, but neither Tauri nor Python: the bytes of a call go from the page
//! to a worker and back without the host's GIL.
//!
//! ```text
//! Executor ─▶ Pool (a machine: who runs what, who starts, who is killed) ─▶ Worker ─▶ process
//!          ◀─ guard dropped ◀──────── finished, died ◀──────── one thread per worker ◀─┘
//! ```
//!
//! | file or folder | job |
//! | --- | --- |
//! | `pool` | the pool's state machine, which decides what runs where |
//! | `link` | frames and shared memory between the host and a worker |
//! | `process` | starting, watching and killing a worker's process (Unix), and the zygote (Linux) |
//! | `calls` | the calls that a pool has taken, and the frames that its workers send |
//! | `shell` | carries out what the machine decides |

#![cfg_attr(not(unix), expect(dead_code, reason = "no worker starts there"))]

mod calls;
mod link;
mod pool;
mod process;
mod shell;

pub use calls::inbound::RECORD;
pub use calls::target::Target;
pub use pool::machine::PoolMachine;
pub use pool::messages::{PoolEffect, PoolEvent, PoolSpec, Task, Timed, WorkerId};
pub use pool::view::{CallView, ClusterView, PoolView, WorkerView};
pub use process::exit_status::Exit;
pub use process::launch::Launch;
pub use shell::Pool;
