//! The command actor: one per registered command. Owns its permits and its queue.
//!
//! A waiting call is granted a permit in the order *round robin over windows, first in first out
//! within one*. Permits out + in = limit, always.
//!
//! The gate is one of its own kind: while nobody knows the commands yet it takes every call and
//! grants none; then it passes them on to the commands of their names, or refuses them.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    machine::Machine,
    message::{CallKey, Name},
    supervisor::GATE,
};
use crate::error::CallError;

/// What happens to a call that finds no free permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum QueuePolicy {
    /// Up to `limit` calls wait; more are refused.
    Wait { limit: usize },
    /// Refused at once.
    Reject,
}

/// How a command is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandSpec {
    /// The executor that runs it.
    pub executor: Name,
    /// How many of its calls run at once; `None` leaves it to the executor and the app's limits.
    #[serde(default)]
    pub concurrency: Option<usize>,
    /// What happens beyond that.
    pub queue: QueuePolicy,
}

/// What can happen to a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum CommandEvent {
    /// An admitted call asks for a permit.
    Request { call: CallKey, window: Name },
    /// Stop the call's work.
    Cancel { call: CallKey },
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
    /// Granted calls, each with the executor that it went to.
    granted: HashMap<CallKey, Name>,
    waiting: RoundRobin,
}

/// A look from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CommandGauges {
    /// Permits out.
    pub granted: usize,
    /// Calls that wait for a permit.
    pub waiting: usize,
}

impl CommandMachine {
    /// A command that was just registered.
    pub fn new(name: Name, spec: CommandSpec) -> Self {
        Self {
            name,
            spec,
            closed: None,
            granted: HashMap::new(),
            waiting: RoundRobin::default(),
        }
    }

    /// The gate. What waits in it is bounded by the limits of windows and app.
    pub fn gate() -> Self {
        let spec = CommandSpec {
            executor: GATE.into(),
            concurrency: Some(0),
            queue: QueuePolicy::Wait { limit: usize::MAX },
        };
        Self::new(GATE.into(), spec)
    }

    /// A look from outside.
    pub fn gauges(&self) -> CommandGauges {
        CommandGauges {
            granted: self.granted.len(),
            waiting: self.waiting.len(),
        }
    }

    fn has_permit(&self) -> bool {
        self.spec
            .concurrency
            .is_none_or(|limit| self.granted.len() < limit)
    }

    fn request(&mut self, call: CallKey, window: &Name, effects: &mut Vec<CommandEffect>) {
        if let Some(closed) = &self.closed {
            return effects.push(closed.answer(call));
        }
        if self.has_permit() && self.waiting.len() == 0 {
            return self.grant(call, effects);
        }
        let limit = match self.spec.queue {
            QueuePolicy::Wait { limit } => limit,
            QueuePolicy::Reject => 0,
        };
        if self.waiting.len() < limit {
            self.waiting.push(window, call);
        } else {
            let concurrency = self.spec.concurrency.unwrap_or_default();
            let error = CallError::overloaded("command", concurrency.saturating_add(limit))
                .with("queueLimit", limit);
            effects.push(CommandEffect::Refuse { call, error });
        }
    }

    fn grant(&mut self, call: CallKey, effects: &mut Vec<CommandEffect>) {
        let executor = self.spec.executor.clone();
        self.granted.insert(call, executor.clone());
        effects.push(CommandEffect::Dispatch { call, executor });
    }

    fn grant_waiting(&mut self, effects: &mut Vec<CommandEffect>) {
        while self.has_permit() {
            let Some(call) = self.waiting.pop() else {
                return;
            };
            self.grant(call, effects);
        }
    }

    fn close(&mut self, closed: Closed, effects: &mut Vec<CommandEffect>) {
        while let Some(call) = self.waiting.pop() {
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
            | CommandEvent::Finished { call } => Some(*call),
            CommandEvent::Configure { .. }
            | CommandEvent::Retire
            | CommandEvent::Close { .. }
            | CommandEvent::PassOn => None,
        }
    }

    fn step(&mut self, event: CommandEvent, effects: &mut Vec<CommandEffect>) {
        match event {
            CommandEvent::Request { call, window } => self.request(call, &window, effects),
            CommandEvent::Cancel { call } => {
                if let Some(executor) = self.granted.get(&call).cloned() {
                    effects.push(CommandEffect::Interrupt { call, executor });
                } else if self.waiting.remove(call) {
                    effects.push(CommandEffect::Removed { call });
                }
            }
            CommandEvent::Finished { call } => {
                if self.granted.remove(&call).is_some() {
                    effects.push(CommandEffect::Released { call });
                    self.grant_waiting(effects);
                }
            }
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

/// Waiting calls: windows take turns. A window without waiting calls has no turn, and a call that
/// leaves does so at once, so nothing is kept for a page that queues and cancels without end.
#[derive(Debug, Default)]
struct RoundRobin {
    turns: VecDeque<(Name, VecDeque<CallKey>)>,
    len: usize,
}

impl RoundRobin {
    fn len(&self) -> usize {
        self.len
    }

    fn push(&mut self, window: &Name, call: CallKey) {
        self.len += 1;
        match self.turns.iter_mut().find(|(name, _)| name == window) {
            Some((_, queue)) => queue.push_back(call),
            None => self.turns.push_back((window.clone(), [call].into())),
        }
    }

    fn pop(&mut self) -> Option<CallKey> {
        let (window, mut queue) = self.turns.pop_front()?;
        let call = queue.pop_front()?;
        self.len -= 1;
        if !queue.is_empty() {
            self.turns.push_back((window, queue));
        }
        Some(call)
    }

    fn remove(&mut self, call: CallKey) -> bool {
        let place = self
            .turns
            .iter()
            .enumerate()
            .find_map(|(turn, (_, queue))| {
                let at = queue.iter().position(|waiting| *waiting == call)?;
                Some((turn, at))
            });
        let Some((turn, at)) = place else {
            return false;
        };
        self.len -= 1;
        self.turns[turn].1.remove(at);
        if self.turns[turn].1.is_empty() {
            self.turns.remove(turn);
        }
        true
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
