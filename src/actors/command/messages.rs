//! Defines the messages of a command's actor, and what it asks for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{key::Keys, spec::CommandSpec};
use crate::actors::{
    fair_queue::Class,
    ids::{CallKey, Name},
};
use crate::error::CallError;

/// What can happen to a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum CommandEvent {
    /// An admitted call asks for a permit.
    Request {
        call: CallKey,
        window: Name,
        class: Class,
        /// What keeps it apart from other calls. `Err`: its body has no keys to read.
        keys: Result<Keys, CallError>,
        /// The timeout that its page sets, counted from its admission.
        timeout: Option<Duration>,
    },
    /// Stop the call's work.
    Cancel { call: CallKey },
    /// The call has waited for as long as it may.
    WaitedOut { call: CallKey },
    /// The work of the call ended.
    Finished { call: CallKey },
    /// The command was registered again, perhaps with other options.
    Configure { spec: CommandSpec },
    /// The command is no longer registered. Calls that wait are refused. The supervisor numbers the
    /// retirements.
    Retire { retirement: u64 },
    /// Refuse the calls that wait and those to come.
    Close { error: CallError },
    /// The rest is over that followed too many restarts.
    Rested,
    /// Pass on the calls that wait and those to come.
    PassOn,
}

/// What a command asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum CommandEffect {
    /// Hand a granted call to the executor.
    Dispatch {
        command: Name,
        call: CallKey,
        executor: Name,
    },
    /// Answer a call with an error; it never ran.
    Refuse { call: CallKey, error: CallError },
    /// Answer a call with an error, and stop its work.
    Cancel {
        call: CallKey,
        executor: Name,
        error: CallError,
    },
    /// Answer and stop a call like `Cancel`, unless its code has started.
    Withdraw {
        call: CallKey,
        executor: Name,
        error: CallError,
    },
    /// Expire the call this long after its admission.
    Deadline { call: CallKey, after: Duration },
    /// Expire the stream this long after its admission, even if its items come in time.
    WholeDeadline { call: CallKey, after: Duration },
    /// Report when the call has waited this long.
    Patience { call: CallKey, after: Duration },
    /// A cancelled call left the queue; it never ran.
    Removed { call: CallKey },
    /// Stop the work of a call that was dispatched.
    Interrupt { call: CallKey, executor: Name },
    /// The call's permit is back.
    Released { call: CallKey },
    /// Ask the command of the call's own name.
    PassOn { call: CallKey },
    /// Send `Rested` after this time.
    Rest { command: Name, after: Duration },
    /// Ask the supervisor whether the command is registered.
    AskRegistration { command: Name },
    /// The command stays unregistered since that retirement, and none of its calls runs any more.
    Over { command: Name, retirement: u64 },
}
