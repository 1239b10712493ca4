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
//! | `pool` | the pool's machine, who runs what: pure |
//! | `lives` | its other half: how workers start, end and die: pure |
//! | `member` | a worker, as the machine sees it |
//! | `message` | what a pool is told, and what it asks for |
//! | `view` | a look at a pool from outside: pure |
//! | `places` | which worker a call would go to now: pure |
//! | `affinity` | which worker the calls about one key go to: pure |
//! | `waiting` | the calls that wait: pure |
//! | `health` | when a pool starts workers, and which commands rest: pure |
//! | `frame` | the frames of the link: pure |
//! | `head` | what the frames say: JSON heads |
//! | `shell` | joins the machine to calls and processes |
//! | `job` | a call in the pool's hands, and where its worker finds the command |
//! | `ear` | how a pool hears its workers |
//! | `streams` | items of streams and their credit |
//! | `channels` | messages for channels of pages, and their credit |
//! | `listener` | what a worker tells whoever started it |
//! | `worker` | one worker: its process, its link, its thread |
//! | `out`, `inward` | what waits for its socket; what comes from it |
//! | `shared` | large bodies in shared memory (Linux); `unshared`: where there is none |
//! | `process` | starting and killing a process (Unix); `elsewhere` says that there are none |
//! | `family` | what a worker has started: killed with it, weighed with it (Linux); `no_family`: not seen |
//! | `zygote` | the process that forks workers (Linux); `no_zygote`: there is none |
//! | `exit` | how a process ended |

#![cfg_attr(not(unix), expect(dead_code, reason = "no worker starts there"))]

mod affinity;
mod channels;
mod ear;
mod exit;
#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), path = "no_family.rs")]
mod family;
mod frame;
mod head;
mod health;
#[cfg(unix)]
mod inward;
mod job;
mod listener;
mod lives;
mod member;
mod message;
#[cfg(unix)]
mod out;
mod places;
mod pool;
#[cfg(unix)]
mod process;
#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), path = "unshared.rs")]
mod shared;
mod shell;
mod streams;
mod view;
mod waiting;
#[cfg_attr(not(unix), path = "elsewhere.rs")]
mod worker;
#[cfg_attr(not(target_os = "linux"), path = "no_zygote.rs")]
mod zygote;

pub use ear::RECORD;
pub use exit::Exit;
pub use job::Target;
pub use message::{PoolEffect, PoolEvent, PoolSpec, Task, Timed, WorkerId};
pub use pool::PoolMachine;
pub use shell::{Launch, Pool};
pub use view::{CallView, PoolView, WorkerView};
