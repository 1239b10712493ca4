//! The command actor: one per registered command. Owns its permits and its queue.
//!
//! A waiting call is granted a permit in the order of [`super::queue`]. For each key of
//! `concurrency_per`: permits out + in = limit, always.
//!
//! The gate is one of its own kind: while nobody knows the commands yet it takes every call and
//! grants none; then it passes them on to the commands of their names, or refuses them.

use std::{collections::HashMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    keys::{Key, KeySource, Keys},
    machine::Machine,
    message::{CallKey, Name},
    policy::{CommandSpec, QueuePolicy},
    queue::{Class, FairQueue},
    supervisor::GATE,
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
        keys: Keys,
        /// What its page allows it, from its admission.
        timeout: Option<Duration>,
    },
    /// Stop the call's work.
    Cancel { call: CallKey },
    /// The call's patience is over.
    WaitedOut { call: CallKey },
    /// The call's work ended.
    Finished { call: CallKey },
    /// The command was registered anew.
    Configure { spec: CommandSpec },
    /// The command is no longer registered: what waits is refused.
    Retire,
    /// Refuse what waits and what comes.
    Close { error: CallError },
    /// Pass on what waits and what comes.
    PassOn,
}

/// What a command asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum CommandEffect {
    /// Hand a granted call to the executor.
    Dispatch { call: CallKey, executor: Name },
    /// Answer a call with an error; it never ran.
    Refuse { call: CallKey, error: CallError },
    /// Answer a call with an error, and stop its work.
    Cancel {
        call: CallKey,
        executor: Name,
        error: CallError,
    },
    /// The same, unless its code has started.
    Withdraw {
        call: CallKey,
        executor: Name,
        error: CallError,
    },
    /// Expire the call this long after its admission.
    Deadline { call: CallKey, after: Duration },
    /// Expire the stream this long after its admission, however its items come.
    WholeDeadline { call: CallKey, after: Duration },
    /// Tell when the call has waited this long.
    Patience { call: CallKey, after: Duration },
    /// A cancelled call left the queue; it never ran.
    Removed { call: CallKey },
    /// Stop the work of a call that was dispatched.
    Interrupt { call: CallKey, executor: Name },
    /// The call's permit is back.
    Released { call: CallKey },
    /// Ask the command of the call's own name.
    PassOn { call: CallKey },
}

/// Why nothing is granted.
#[derive(Debug)]
enum Closed {
    Refusing(CallError),
    PassingOn,
}

/// See the module's text.
#[derive(Debug)]
pub struct CommandMachine {
    name: Name,
    spec: CommandSpec,
    closed: Option<Closed>,
    granted: HashMap<CallKey, Granted>,
    /// Permits out.
    permits: Tally,
    /// Granted calls by the key of the queue's policy.
    running: Tally,
    waiting: FairQueue,
    /// The keys of calls that wait.
    asked: HashMap<CallKey, Keys>,
}

#[derive(Debug)]
struct Granted {
    /// The executor that it went to.
    executor: Name,
    keys: Keys,
}

/// How many there are of each key.
#[derive(Debug, Default)]
struct Tally(HashMap<Key, usize>);

impl Tally {
    fn of(&self, key: &Key) -> usize {
        self.0.get(key).copied().unwrap_or_default()
    }

    fn add(&mut self, key: &Key) {
        *self.0.entry(key.clone()).or_default() += 1;
    }

    fn take(&mut self, key: &Key) {
        if let Some(count) = self.0.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(key);
            }
        }
    }
}

/// A look from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CommandGauges {
    /// Permits out.
    pub granted: usize,
    /// Permits in all, or for each key of `concurrency_per`; `None`: as many as are asked for.
    pub limit: Option<usize>,
    /// Calls that wait for a permit.
    pub waiting: usize,
}

/// Whether a call with these keys finds a permit.
fn may_go(spec: &CommandSpec, permits: &Tally, running: &Tally, keys: &Keys) -> bool {
    let alone = || match spec.queue {
        QueuePolicy::Serial { .. } => running.of(&keys.queue) == 0,
        _ => true,
    };
    let limit = spec.concurrency;
    limit.is_none_or(|limit| permits.of(&keys.permit) < limit) && alone()
}

impl CommandMachine {
    /// A command that was just registered.
    pub fn new(name: Name, spec: CommandSpec) -> Self {
        Self {
            name,
            spec,
            closed: None,
            granted: HashMap::new(),
            permits: Tally::default(),
            running: Tally::default(),
            waiting: FairQueue::default(),
            asked: HashMap::new(),
        }
    }

    /// The gate. What waits in it is bounded by the limits of windows and app.
    pub fn gate() -> Self {
        let queue = QueuePolicy::wait(usize::MAX);
        Self::new(GATE.into(), CommandSpec::new(GATE, Some(0), queue))
    }

    /// What the keys of a call are read from: `permit` and `queue`.
    pub(super) fn key_sources(&self) -> [KeySource; 2] {
        self.spec.key_sources()
    }

    /// A look from outside.
    pub fn gauges(&self) -> CommandGauges {
        CommandGauges {
            granted: self.granted.len(),
            limit: self.spec.concurrency,
            waiting: self.waiting.len(),
        }
    }

    fn request(
        &mut self,
        call: CallKey,
        window: &Name,
        class: Class,
        keys: Keys,
        effects: &mut Vec<CommandEffect>,
    ) {
        if let QueuePolicy::Latest {
            cancel_running: true,
            ..
        } = self.spec.queue
        {
            self.supersede_running(&keys.queue, effects);
        }
        // Of those that wait, none may go: nobody is overtaken.
        if may_go(&self.spec, &self.permits, &self.running, &keys) {
            return self.grant(call, keys, effects);
        }
        match self.spec.queue {
            QueuePolicy::Wait { limit, .. } if self.waiting_of(&keys.permit) < limit => {}
            QueuePolicy::Wait { limit, .. } => {
                let error = self.full(limit);
                return effects.push(CommandEffect::Refuse { call, error });
            }
            QueuePolicy::Reject => {
                let error = self.full(0);
                return effects.push(CommandEffect::Refuse { call, error });
            }
            QueuePolicy::Latest { .. } => {
                if self.supersede_waiting(call, window, class, &keys, effects) {
                    return;
                }
            }
            QueuePolicy::DropOldest { limit } => {
                if self.waiting_of(&keys.permit) >= limit {
                    self.drop_oldest(window, &keys.permit, limit, effects);
                }
            }
            QueuePolicy::Serial { .. } => {}
        }
        self.asked.insert(call, keys);
        self.waiting.push(window, class, call);
    }

    fn supersede_running(&self, key: &Key, effects: &mut Vec<CommandEffect>) {
        let mut older: Vec<_> = self.granted.iter().collect();
        older.retain(|(_, granted)| granted.keys.queue == *key);
        older.sort_unstable_by_key(|(call, _)| **call);
        effects.extend(
            older
                .into_iter()
                .map(|(call, granted)| CommandEffect::Cancel {
                    call: *call,
                    executor: granted.executor.clone(),
                    error: CallError::superseded(&self.name),
                }),
        );
    }

    /// Puts `call` in the place of the one of its key that waits. False: there is none.
    fn supersede_waiting(
        &mut self,
        call: CallKey,
        window: &Name,
        class: Class,
        keys: &Keys,
        effects: &mut Vec<CommandEffect>,
    ) -> bool {
        let same = self
            .asked
            .iter()
            .filter(|(_, asked)| asked.queue == keys.queue);
        // Another policy before this one may have let several wait.
        let mut older: Vec<_> = same.map(|(call, _)| *call).collect();
        older.sort_unstable();
        let Some(&oldest) = older.first() else {
            return false;
        };
        self.waiting.replace(oldest, window, class, call);
        self.asked.insert(call, keys.clone());
        for call in older {
            self.leave_queue(call);
            let error = CallError::superseded(&self.name);
            effects.push(CommandEffect::Refuse { call, error });
        }
        true
    }

    /// A window that floods pushes its own calls out, not those of others.
    fn drop_oldest(
        &mut self,
        window: &Name,
        permit: &Key,
        limit: usize,
        effects: &mut Vec<CommandEffect>,
    ) {
        let asked = &self.asked;
        let same = |call| asked.get(&call).is_some_and(|keys| keys.permit == *permit);
        if let Some(call) = self.waiting.oldest_of_busiest(window, same) {
            self.leave_queue(call);
            let error = CallError::dropped(&self.name, limit);
            effects.push(CommandEffect::Refuse { call, error });
        }
    }

    fn waiting_of(&self, permit: &Key) -> usize {
        match self.spec.concurrency_per {
            KeySource::App => self.waiting.len(),
            _ => self
                .asked
                .values()
                .filter(|keys| keys.permit == *permit)
                .count(),
        }
    }

    /// The refusal of a queue that takes `limit` calls.
    fn full(&self, limit: usize) -> CallError {
        let concurrency = self.spec.concurrency.unwrap_or_default();
        CallError::overloaded("command", concurrency.saturating_add(limit))
            .with("queueLimit", limit)
    }

    fn leave_queue(&mut self, call: CallKey) -> bool {
        self.asked.remove(&call);
        self.waiting.remove(call)
    }

    fn grant(&mut self, call: CallKey, keys: Keys, effects: &mut Vec<CommandEffect>) {
        let executor = self.spec.executor.clone();
        self.permits.add(&keys.permit);
        self.running.add(&keys.queue);
        let granted = Granted {
            executor: executor.clone(),
            keys,
        };
        self.granted.insert(call, granted);
        effects.push(CommandEffect::Dispatch { call, executor });
    }

    fn grant_waiting(&mut self, effects: &mut Vec<CommandEffect>) {
        while !self.is_full() {
            let Self {
                spec,
                permits,
                running,
                asked,
                ..
            } = self;
            let may = |call| {
                asked
                    .get(&call)
                    .is_none_or(|it| may_go(spec, permits, running, it))
            };
            let Some(call) = self.waiting.pop(may) else {
                return;
            };
            let keys = self.asked.remove(&call).unwrap_or_default();
            self.grant(call, keys, effects);
        }
    }

    /// Saves the search for a call that may go where none may.
    fn is_full(&self) -> bool {
        let limit = self.spec.concurrency.unwrap_or(usize::MAX);
        let shared = self.spec.concurrency_per == KeySource::App;
        self.waiting.is_empty() || shared && self.permits.of(&None) >= limit
    }

    fn finished(&mut self, call: CallKey, effects: &mut Vec<CommandEffect>) {
        if let Some(Granted { keys, .. }) = self.granted.remove(&call) {
            self.permits.take(&keys.permit);
            self.running.take(&keys.queue);
            effects.push(CommandEffect::Released { call });
            self.grant_waiting(effects);
        }
    }

    fn waited_out(&mut self, call: CallKey, effects: &mut Vec<CommandEffect>) {
        let after = self.spec.queue.max_wait().unwrap_or_default();
        let error = CallError::waited_out(&self.name, after);
        if let Some(granted) = self.granted.get(&call) {
            let executor = granted.executor.clone();
            effects.push(CommandEffect::Withdraw {
                call,
                executor,
                error,
            });
        } else if self.leave_queue(call) {
            effects.push(CommandEffect::Refuse { call, error });
        }
    }

    fn close(&mut self, closed: Closed, effects: &mut Vec<CommandEffect>) {
        self.asked.clear();
        while let Some(call) = self.waiting.pop(|_| true) {
            effects.push(closed.answer(call));
        }
        self.closed = Some(closed);
    }
}

impl Closed {
    fn answer(&self, call: CallKey) -> CommandEffect {
        match self {
            Self::Refusing(error) => CommandEffect::Refuse {
                call,
                error: error.clone(),
            },
            Self::PassingOn => CommandEffect::PassOn { call },
        }
    }
}

impl Machine for CommandMachine {
    type Event = CommandEvent;
    type Effect = CommandEffect;
    const KIND: &'static str = "command";

    fn call_of(event: &CommandEvent) -> Option<CallKey> {
        match event {
            CommandEvent::Request { call, .. }
            | CommandEvent::Cancel { call }
            | CommandEvent::WaitedOut { call }
            | CommandEvent::Finished { call } => Some(*call),
            CommandEvent::Configure { .. }
            | CommandEvent::Retire
            | CommandEvent::Close { .. }
            | CommandEvent::PassOn => None,
        }
    }

    fn step(&mut self, event: CommandEvent, effects: &mut Vec<CommandEffect>) {
        match event {
            CommandEvent::Request {
                call,
                window,
                class,
                keys,
                timeout,
            } => {
                if let Some(closed) = &self.closed {
                    return effects.push(closed.answer(call));
                }
                if let Some(after) = self.spec.timeout.into_iter().chain(timeout).min() {
                    effects.push(CommandEffect::Deadline { call, after });
                }
                if let Some(after) = self.spec.total_timeout {
                    effects.push(CommandEffect::WholeDeadline { call, after });
                }
                if let Some(after) = self.spec.queue.max_wait() {
                    effects.push(CommandEffect::Patience { call, after });
                }
                self.request(call, &window, class, keys, effects);
            }
            CommandEvent::Cancel { call } => {
                if let Some(granted) = self.granted.get(&call) {
                    let executor = granted.executor.clone();
                    effects.push(CommandEffect::Interrupt { call, executor });
                } else if self.leave_queue(call) {
                    effects.push(CommandEffect::Removed { call });
                }
            }
            CommandEvent::WaitedOut { call } => self.waited_out(call, effects),
            CommandEvent::Finished { call } => self.finished(call, effects),
            CommandEvent::Configure { spec } => {
                self.spec = spec;
                self.closed = None;
                self.grant_waiting(effects);
            }
            CommandEvent::Retire => {
                let error = CallError::unknown_command(&self.name);
                self.close(Closed::Refusing(error), effects);
            }
            CommandEvent::Close { error } => self.close(Closed::Refusing(error), effects),
            CommandEvent::PassOn => self.close(Closed::PassingOn, effects),
        }
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
