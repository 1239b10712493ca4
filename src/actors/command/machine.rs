//! Decides which calls of one command run and which wait: it owns the permits and the queue.
//!
//! A waiting call is granted a permit in the order of [`crate::actors::fair_queue`]. For each key
//! of `concurrency_per`: permits out + in = limit, always.
//!
//! The *gate* is a special command. While the commands are not known yet, it takes every call and
//! grants none. Then it passes the calls on to the commands of their names, or refuses them.

use std::{collections::HashMap, time::Duration};

use serde::Serialize;

use super::{
    key::{KeySource, Keys},
    messages::{CommandEffect, CommandEvent},
    permits::{Tally, is_free, obstacle},
    queue::{CommandQueue, Groups, Obstacle},
    spec::{CommandSpec, QueuePolicy},
};
use crate::actors::{
    actor::machine::Machine,
    ids::{CallKey, Name},
    supervisor::machine::GATE,
};
use crate::error::CallError;

/// How long a command that was restarted too often takes no calls.
const REST: Duration = Duration::from_secs(30);

/// Why nothing is granted any more.
#[derive(Debug, Clone)]
enum Closed {
    Refusing(CallError),
    PassingOn,
}

/// The state of one command.
#[derive(Debug)]
pub struct CommandMachine {
    name: Name,
    spec: CommandSpec,
    closed: Option<Closed>,
    /// The retirement since which the command is not registered. The supervisor decides that; it is
    /// kept here too, as calls may be on their way, and the last of them must be reported.
    retired: Option<u64>,
    /// It was restarted too often, and takes no calls for a while.
    resting: bool,
    granted: HashMap<CallKey, Granted>,
    /// Permits that are out, by key.
    permits: Tally,
    /// Granted calls by the key of the queue's policy.
    running: Groups,
    waiting: CommandQueue,
}

#[derive(Debug)]
struct Granted {
    /// The executor that it went to.
    executor: Name,
    keys: Keys,
}

/// What the metrics show of one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CommandGauges {
    /// Permits out.
    pub granted: usize,
    /// Permits in all, or for each key of `concurrency_per`; `None`: as many as are asked for.
    pub limit: Option<usize>,
    /// Calls that wait for a permit.
    pub waiting: usize,
}

impl CommandMachine {
    /// Creates the state of a command that was just registered.
    pub fn new(name: Name, spec: CommandSpec) -> Self {
        Self {
            name,
            spec,
            closed: None,
            retired: None,
            resting: false,
            granted: HashMap::new(),
            permits: Tally::default(),
            running: Groups::default(),
            waiting: CommandQueue::default(),
        }
    }

    /// The command's name, and the sources of its calls' keys, `permit` and `queue`.
    pub(crate) fn identity(&self) -> (Name, [KeySource; 2]) {
        (self.name.clone(), self.spec.key_sources())
    }

    /// Its name, and the retirement since which it is not registered.
    pub(crate) fn registration(&self) -> (Name, Option<u64>) {
        (self.name.clone(), self.retired)
    }

    /// Creates the gate. The limits of windows and app bound what waits in it.
    pub fn gate() -> Self {
        let queue = QueuePolicy::wait(usize::MAX);
        Self::new(GATE.into(), CommandSpec::new(GATE, Some(0), queue))
    }

    /// The sources of its calls' keys, `permit` and `queue`, and its executor. `None`: the command
    /// is no longer registered.
    pub(crate) fn serves(&self) -> Option<([KeySource; 2], Name)> {
        let serves = self.retired.is_none();
        serves.then(|| (self.spec.key_sources(), self.spec.executor.clone()))
    }

    /// Reports once the command is unregistered and none of its calls runs.
    fn say_when_over(&self, effects: &mut Vec<CommandEffect>) {
        if let Some(retirement) = self.retired
            && self.granted.is_empty()
        {
            effects.push(CommandEffect::Over {
                command: self.name.clone(),
                retirement,
            });
        }
    }

    /// What the metrics show.
    pub fn gauges(&self) -> CommandGauges {
        CommandGauges {
            granted: self.granted.len(),
            limit: self.spec.concurrency,
            waiting: self.waiting.len(),
        }
    }

    fn grant(&mut self, call: CallKey, keys: Keys, effects: &mut Vec<CommandEffect>) {
        let executor = self.spec.executor.clone();
        self.hold(call, keys, executor.clone());
        effects.push(CommandEffect::Dispatch {
            command: self.name.clone(),
            call,
            executor,
        });
    }

    /// Counts a call that an executor has.
    fn hold(&mut self, call: CallKey, keys: Keys, executor: Name) {
        self.permits.add(&keys.permit);
        self.running.add(&keys.queue, call);
        self.granted.insert(call, Granted { executor, keys });
    }

    /// Grants calls that waited for these obstacles, as far as they are free.
    fn grant_waiting(&mut self, mut freed: Vec<Obstacle>, effects: &mut Vec<CommandEffect>) {
        loop {
            let Self {
                spec,
                permits,
                running,
                waiting,
                ..
            } = self;
            freed.retain(|it| is_free(spec, permits, running, it));
            let next = waiting.pop(&freed, |keys| obstacle(spec, permits, running, keys));
            let Some((call, keys)) = next else {
                return;
            };
            self.grant(call, keys, effects);
        }
    }

    fn finished(&mut self, call: CallKey, effects: &mut Vec<CommandEffect>) {
        if let Some(Granted { keys, .. }) = self.granted.remove(&call) {
            self.permits.take(&keys.permit);
            self.running.take(&keys.queue, call);
            effects.push(CommandEffect::Released { call });
            if !self.waiting.is_empty() {
                let Keys { permit, queue } = keys;
                let freed = vec![Obstacle::Permit(permit), Obstacle::Running(queue)];
                self.grant_waiting(freed, effects);
            }
            self.say_when_over(effects);
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
        } else if self.waiting.remove(call) {
            effects.push(CommandEffect::Refuse { call, error });
        }
    }

    fn close(&mut self, closed: Closed, effects: &mut Vec<CommandEffect>) {
        self.waiting.ask_all();
        while let Some((call, _)) = self.waiting.pop(&[Obstacle::Unknown], |_| None) {
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
            | CommandEvent::Retire { .. }
            | CommandEvent::Close { .. }
            | CommandEvent::Rested
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
                if self.resting {
                    let error = CallError::failing_command(&self.name, REST);
                    return effects.push(CommandEffect::Refuse { call, error });
                }
                let keys = match keys {
                    Ok(keys) => keys,
                    Err(error) => return effects.push(CommandEffect::Refuse { call, error }),
                };
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
                } else if self.waiting.remove(call) {
                    effects.push(CommandEffect::Removed { call });
                }
            }
            CommandEvent::WaitedOut { call } => self.waited_out(call, effects),
            CommandEvent::Finished { call } => self.finished(call, effects),
            CommandEvent::Configure { spec } => {
                self.spec = spec;
                (self.closed, self.retired) = (None, None);
                self.waiting.ask_all();
                self.grant_waiting(vec![Obstacle::Unknown], effects);
            }
            CommandEvent::Retire { retirement } => {
                let error = CallError::unknown_command(&self.name);
                self.close(Closed::Refusing(error), effects);
                self.retired = Some(retirement);
                self.say_when_over(effects);
            }
            CommandEvent::Close { error } => self.close(Closed::Refusing(error), effects),
            CommandEvent::Rested => self.resting = false,
            CommandEvent::PassOn => self.close(Closed::PassingOn, effects),
        }
    }
}

mod queueing;
pub(crate) mod restart;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
