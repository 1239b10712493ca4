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
    command_queue::{CommandQueue, Groups, Obstacle},
    keys::{Key, KeySource, Keys},
    machine::Machine,
    message::{CallKey, Name},
    policy::{CommandSpec, QueuePolicy},
    queue::{Class, Lane},
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
    /// The command is no longer registered: what waits is refused. The supervisor counts them.
    Retire { retirement: u64 },
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
    /// The command is no longer registered since that retirement, and nothing of it runs.
    Over { command: Name, retirement: u64 },
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
    /// It is no longer registered since this retirement.
    retired: Option<u64>,
    granted: HashMap<CallKey, Granted>,
    /// Permits out.
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

/// What keeps a call with these keys waiting.
fn obstacle(
    spec: &CommandSpec,
    permits: &Tally,
    running: &Groups,
    keys: &Keys,
) -> Option<Obstacle> {
    let serial = matches!(spec.queue, QueuePolicy::Serial { .. });
    if serial && running.has(&keys.queue) {
        return Some(Obstacle::Running(keys.queue.clone()));
    }
    let out = are_out(spec, permits, &keys.permit);
    out.then(|| Obstacle::Permit(keys.permit.clone()))
}

/// Whether the permits of a key are out.
fn are_out(spec: &CommandSpec, permits: &Tally, key: &Key) -> bool {
    let limit = spec.concurrency;
    limit.is_some_and(|limit| permits.of(key) >= limit)
}

/// Whether it keeps no call waiting.
fn is_free(spec: &CommandSpec, permits: &Tally, running: &Groups, obstacle: &Obstacle) -> bool {
    match obstacle {
        Obstacle::Permit(key) => !are_out(spec, permits, key),
        Obstacle::Running(key) => !running.has(key),
        Obstacle::Unknown => true,
    }
}

impl CommandMachine {
    /// A command that was just registered.
    pub fn new(name: Name, spec: CommandSpec) -> Self {
        Self {
            name,
            spec,
            closed: None,
            retired: None,
            granted: HashMap::new(),
            permits: Tally::default(),
            running: Groups::default(),
            waiting: CommandQueue::default(),
        }
    }

    /// The gate. What waits in it is bounded by the limits of windows and app.
    pub fn gate() -> Self {
        let queue = QueuePolicy::wait(usize::MAX);
        Self::new(GATE.into(), CommandSpec::new(GATE, Some(0), queue))
    }

    /// What the keys of a call are read from, `permit` and `queue`, and the executor. `None`: the
    /// command is no longer registered.
    pub(super) fn serves(&self) -> Option<([KeySource; 2], Name)> {
        let serves = self.retired.is_none();
        serves.then(|| (self.spec.key_sources(), self.spec.executor.clone()))
    }

    /// Says when it is no longer registered, and nothing of it runs.
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
        let Some(obstacle) = obstacle(&self.spec, &self.permits, &self.running, &keys) else {
            return self.grant(call, keys, effects);
        };
        let lane = Lane {
            class,
            window: window.clone(),
            key: keys,
        };
        match self.spec.queue {
            QueuePolicy::Wait { limit, .. } if self.waiting_of(&lane.key.permit) < limit => {}
            QueuePolicy::Wait { limit, .. } => {
                let error = self.full(limit);
                return effects.push(CommandEffect::Refuse { call, error });
            }
            QueuePolicy::Reject => {
                let error = self.full(0);
                return effects.push(CommandEffect::Refuse { call, error });
            }
            QueuePolicy::Latest { .. } => {
                return self.supersede_waiting(call, lane, obstacle, effects);
            }
            QueuePolicy::DropOldest { limit } => {
                if self.waiting_of(&lane.key.permit) >= limit {
                    self.drop_oldest(&lane, limit, effects);
                }
            }
            QueuePolicy::Serial { .. } => {}
        }
        self.waiting.push(lane, call, obstacle);
    }

    fn supersede_running(&self, key: &Key, effects: &mut Vec<CommandEffect>) {
        let older = self.running.of(key).filter_map(|call| {
            let executor = self.granted.get(&call)?.executor.clone();
            let error = CallError::superseded(&self.name);
            Some(CommandEffect::Cancel {
                call,
                executor,
                error,
            })
        });
        effects.extend(older);
    }

    /// Queues `call`, in the place of the one of its key that waits.
    fn supersede_waiting(
        &mut self,
        call: CallKey,
        lane: Lane<Keys>,
        obstacle: Obstacle,
        effects: &mut Vec<CommandEffect>,
    ) {
        // Another policy before this one may have let several wait.
        let older = self.waiting.of_queue(&lane.key.queue);
        match older.first() {
            Some(&oldest) => self.waiting.replace(oldest, lane, call, obstacle),
            None => self.waiting.push(lane, call, obstacle),
        }
        for call in older {
            self.waiting.remove(call);
            let error = CallError::superseded(&self.name);
            effects.push(CommandEffect::Refuse { call, error });
        }
    }

    /// A window that floods pushes its own calls out, not those of others.
    fn drop_oldest(&mut self, lane: &Lane<Keys>, limit: usize, effects: &mut Vec<CommandEffect>) {
        let busiest = self
            .waiting
            .oldest_of_busiest(&lane.window, &lane.key.permit);
        if let Some(call) = busiest {
            self.waiting.remove(call);
            let error = CallError::dropped(&self.name, limit);
            effects.push(CommandEffect::Refuse { call, error });
        }
    }

    fn waiting_of(&self, permit: &Key) -> usize {
        match self.spec.concurrency_per {
            KeySource::App => self.waiting.len(),
            _ => self.waiting.of_permit(permit),
        }
    }

    /// The refusal of a queue that takes `limit` calls.
    fn full(&self, limit: usize) -> CallError {
        let concurrency = self.spec.concurrency.unwrap_or_default();
        CallError::overloaded("command", concurrency.saturating_add(limit))
            .with("queueLimit", limit)
    }

    fn grant(&mut self, call: CallKey, keys: Keys, effects: &mut Vec<CommandEffect>) {
        let executor = self.spec.executor.clone();
        self.permits.add(&keys.permit);
        self.running.add(&keys.queue, call);
        let granted = Granted {
            executor: executor.clone(),
            keys,
        };
        self.granted.insert(call, granted);
        effects.push(CommandEffect::Dispatch { call, executor });
    }

    /// Grants what has waited for these, as far as they are free.
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
            CommandEvent::PassOn => self.close(Closed::PassingOn, effects),
        }
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
