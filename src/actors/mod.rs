//! Windows, commands and executors as actors under one supervisor.
//!
//! ```text
//! Supervisor.route ─▶ Window.admit ─▶ Command.grant ─▶ Executor.dispatch ─▶ transport
//!        ◀─ released ◀──── released ◀───── released ◀────────── finished ◀──┘
//! ```
//!
//! | file | job |
//! | --- | --- |
//! | `machine` | what every actor is: a pure step |
//! | `supervisor`, `window`, `command`, `executor` | the four machines |
//! | `jobs`, `detaching` | the machine of calls that outlive their page, and its wiring |
//! | `scope`, `seen` | what the window's machine decides with |
//! | `policy`, `keys` | how a command's calls queue, and what keeps them apart |
//! | `queue` | the order of waiting calls: classes, and windows in turns |
//! | `deadlines`, `alarms` | when calls expire, and the timer behind that |
//! | `parcel` | results between their settling and their pages |
//! | `load` | what the app holds: calls and bytes |
//! | `window_message` | what a window is told, and what it asks for |
//! | `request` | what a call brings along, and what becomes of it |
//! | `call` | the cell in which a call's outcome is decided once |
//! | `hooks` | who is told when a call is cancelled |
//! | `credit`, `batch`, `stream`, `items` | a stream's credit, its items as they travel, its machine and its shell |
//! | `shell` | serialises an actor's steps, inline or through actix |
//! | `system` | all actors of an app: what the world tells them |
//! | `wiring` | how messages find their actor, and what effects do |
//! | `transport` | what the actors need of the world |
//! | `gauges`, `counters` | what is held, and how calls ended |
//! | `timing`, `latency`, `observe` | how long calls took, and what is logged of them |
//! | `runtime` | the actix thread: timers, and messages that wait |
//! | `trace` | a record of steps |

mod alarms;
mod batch;
mod call;
mod command;
mod command_queue;
mod counters;
mod credit;
mod deadlines;
mod detaching;
mod executor;
mod gauges;
mod hooks;
mod items;
mod jobs;
mod key_reader;
mod keys;
mod latency;
mod load;
mod machine;
mod message;
mod observe;
mod parcel;
mod policy;
mod queue;
mod request;
mod runtime;
mod scope;
mod seen;
mod shell;
mod stream;
mod supervisor;
mod system;
mod timing;
mod trace;
mod transport;
mod window;
mod window_message;
mod wiring;

pub use batch::{Batch, Item};
pub use call::{Call, Responder};
pub use command::{CommandEffect, CommandEvent, CommandGauges, CommandMachine};
pub use counters::{Count, Counters};
pub(crate) use credit::{Credit, ITEMS as MESSAGES};
pub use detaching::Job;
pub use executor::{ExecutorEffect, ExecutorEvent, ExecutorGauges, ExecutorMachine};
pub use gauges::Gauges;
pub use hooks::CancelHook;
pub use items::{Items, PullAnswer};
pub(crate) use jobs::no_job;
pub use jobs::{JobEffect, JobEvent, JobInfo, JobState, JobsMachine};
pub use keys::{Key, KeySource, Keys};
pub use latency::{CommandLatency, Latency};
pub use machine::Machine;
pub use message::{CallKey, Epoch, Name, Origin, PageCall, Released, Ticket, WindowKey};
pub use observe::Metrics;
pub use parcel::Parcel;
pub use policy::{CommandSpec, OnClose, QueuePolicy};
pub use queue::Class;
pub(crate) use queue::{FairQueue, Lane};
pub use request::{Body, Outcome, Progress, Request};
pub use runtime::{Runtime, fast_path_from_env};
pub use scope::{Entry, Scope};
pub use seen::{SeenIds, Sight};
pub use shell::{Actor, Interpret};
pub use stream::{Allowance, Push, StreamGauges, StreamOptions, Taken};
#[cfg(test)]
pub(crate) use stream::{StreamMachine, Turn};
pub use supervisor::{SupervisorEffect, SupervisorEvent, SupervisorMachine};
pub use system::{Limits, System};
pub use timing::Times;
pub use trace::{Entry as TraceEntry, Trace};
pub use transport::{CallGuard, ChannelMessage, PageChannel, PageLink, Receipt, Transport};
pub use window::{WindowGauges, WindowMachine};
pub use window_message::{WindowEffect, WindowEvent};
