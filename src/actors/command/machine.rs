//! Decides which calls of one command run and which wait: it owns the permits and the queue.
//!
//! A waiting call is granted a permit in the order of [`crate::actors::fair_queue`]. For each key
//! of `concurrency_per`: permits out + in = limit, always.
//!
//! The *gate* is a special command. While the commands are not known yet, it takes every call and
//! grants none. Then it passes the calls on to the commands of their names, or refuses them.
//!
//! This is one file because it is one state machine, and its transitions are read together.

use std::{collections::HashMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    key::{Key, KeySource, Keys},
    queue::{CommandQueue, Groups, Obstacle},
    spec::{CommandSpec, QueuePolicy},
};
use crate::actors::{
    actor::machine::Machine,
    fair_queue::{Class, Lane},
    ids::{CallKey, Name},
    supervisor::machine::GATE,
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

/// Counts by key.
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

/// What keeps a call with these keys waiting now, if anything does.
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

/// Whether all permits of a key are out.
fn are_out(spec: &CommandSpec, permits: &Tally, key: &Key) -> bool {
    let limit = spec.concurrency;
    limit.is_some_and(|limit| permits.of(key) >= limit)
}

/// Whether an obstacle keeps no call waiting any more.
fn is_free(spec: &CommandSpec, permits: &Tally, running: &Groups, obstacle: &Obstacle) -> bool {
    match obstacle {
        Obstacle::Permit(key) => !are_out(spec, permits, key),
        Obstacle::Running(key) => !running.has(key),
        Obstacle::Unknown => true,
    }
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

    /// Queues `call` in the place of the waiting call with the same key.
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

    /// Drops the oldest call of the busiest window, so that a flooding window pushes out its own
    /// calls.
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

    /// The error of a call that finds `limit` calls waiting.
    fn full(&self, limit: usize) -> CallError {
        let concurrency = self.spec.concurrency.unwrap_or_default();
        CallError::overloaded("command", concurrency.saturating_add(limit))
            .with("queueLimit", limit)
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

pub(crate) mod restart;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
