//! Schedules calls with actors: one for each window, command and executor, under one supervisor.
//!
//! ```text
//! Supervisor.route ─▶ Window.admit ─▶ Command.grant ─▶ Executor.dispatch ─▶ transport
//!        ◀─ released ◀──── released ◀───── released ◀────────── finished ◀──┘
//! ```
//!
//! | file or folder | job |
//! | --- | --- |
//! | `actor` | what every actor is made of: a pure machine, its shell, its keeper, the trace |
//! | `supervisor`, `window`, `command`, `executor`, `jobs` | the machines, and what each needs |
//! | `fair_queue` | the order of waiting calls: classes, and windows in turns |
//! | `limits` | the app's limits on calls and bytes, and how much of them is used |
//! | `call` | one call: its request, the state that decides its outcome once, its result |
//! | `stream` | the items of a stream: credit, batches, machine and shell |
//! | `backlog` | messages in transit to a page, and the senders that wait for room |
//! | `deadlines` | when calls expire, and what happens then |
//! | `system` | all actors of an app, the wiring between them, and what they need from outside |
//! | `metrics` | gauges, counters, latencies, and the log lines about calls |
//! | `ids` | the identifiers of calls, windows and documents |

mod actor;
mod backlog;
mod call;
mod command;
mod deadlines;
mod executor;
mod fair_queue;
mod ids;
mod jobs;
mod limits;
mod metrics;
mod stream;
mod supervisor;
mod system;
mod window;

#[cfg(feature = "faults")]
pub use actor::faults::panic_next;
pub use actor::machine::Machine;
pub use actor::runtime::{Runtime, fast_path_from_env};
pub use actor::shell::{Actor, Failure, Interpret};
pub use actor::trace::{Trace, TraceEntry};
pub use backlog::amount::Amount;
pub use backlog::machine::Room;
pub use backlog::message::{ChannelMessage, Receipt};
pub use backlog::outgoing::{Carrier, Outgoing};
pub use call::cancel_hooks::CancelHook;
pub use call::cell::{Call, Responder};
pub use call::request::{Body, Outcome, Progress, Request, StreamOptions};
pub use call::result_hold::ResultHold;
pub use command::key::{Key, KeySource, Keys};
pub use command::machine::{CommandGauges, CommandMachine};
pub use command::messages::{CommandEffect, CommandEvent};
pub use command::spec::{CommandSpec, OnClose, QueuePolicy};
pub use executor::machine::{ExecutorEffect, ExecutorEvent, ExecutorGauges, ExecutorMachine};
pub use fair_queue::Class;
pub(crate) use fair_queue::{FairQueue, Lane};
pub use ids::{CallKey, Epoch, Name, Origin, PageCall, Released, Ticket, WindowKey};
pub use jobs::detaching::Job;
pub(crate) use jobs::machine::no_job;
pub use jobs::machine::{JobEffect, JobEvent, JobState, JobsMachine};
pub use limits::Limits;
pub use metrics::counters::{Count, Counters};
pub use metrics::gauges::Gauges;
pub use metrics::latency::{CommandLatency, Latency};
pub use metrics::observe::Metrics;
pub use metrics::timing::Times;
pub use stream::batch::{Batch, Item};
pub(crate) use stream::credit::{Credit, ITEMS as MESSAGES};
pub use stream::items::{Items, PullAnswer};
pub use stream::machine::{Allowance, Push, StreamGauges, Taken};
#[cfg(test)]
pub(crate) use stream::machine::{StreamActions, StreamMachine};
pub use supervisor::machine::{SupervisorEffect, SupervisorEvent, SupervisorMachine};
pub use system::System;
pub use system::call_guard::CallGuard;
pub use system::page_link::{NoChannel, PageChannel, PageLink};
pub use system::transport::Transport;
pub use window::messages::{WindowEffect, WindowEvent};
pub use window::scope::{Scope, ScopeEntry};
pub use window::seen_ids::{SeenIds, Sight};
pub use window::{held_calls::WindowGauges, machine::WindowMachine};
