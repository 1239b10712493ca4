//! Decides when the calls of one executor start: a thread set, an event loop or a process pool.
//!
//! ```text
//! starting --ready--> ready --drain--> draining --last finished--> stopped
//! ```
//!
//! Calls that arrive before `ready`, or beyond the capacity, wait here in the order of
//! [`crate::actors::fair_queue`].

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::actors::{
    actor::machine::Machine,
    fair_queue::{Class, FairQueue, Lane},
    ids::{CallKey, Name},
};
use crate::error::CallError;

/// What can happen to an executor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ExecutorEvent {
    /// The transport can run calls.
    Ready,
    /// Run a call.
    Dispatch {
        call: CallKey,
        window: Name,
        class: Class,
    },
    /// Stop a call.
    Interrupt { call: CallKey },
    /// A call's work ended.
    Finished { call: CallKey },
    /// Take nothing new, stop what runs.
    Drain,
}

/// What an executor asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ExecutorEffect {
    /// Give the call to the transport.
    Start { executor: Name, call: CallKey },
    /// Ask the transport to stop the call.
    Stop { executor: Name, call: CallKey },
    /// Answer a call with an error; it never ran.
    Refuse { call: CallKey, error: CallError },
    /// The call is no longer here.
    Done { call: CallKey },
    /// Tell the transport that nothing new will come.
    Draining { executor: Name },
    /// Drained: the transport may end.
    Stopped { executor: Name },
    /// It was restarted too often: the app cannot go on.
    Failed { executor: Name },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExecutorPhase {
    Starting,
    Ready,
    Draining,
    Stopped,
}

/// The state of one executor.
#[derive(Debug)]
pub struct ExecutorMachine {
    name: Name,
    phase: ExecutorPhase,
    capacity: Option<usize>,
    running: HashSet<CallKey>,
    waiting: FairQueue,
}

/// What an executor that is restarted learns of one of its calls.
#[derive(Debug, Clone, Copy)]
pub struct CallAtExecutor {
    /// Its key.
    pub call: CallKey,
    /// Whether the transport has had it.
    pub started: bool,
    /// Whether the transport has ended it.
    pub over: bool,
    /// Whether it was asked to stop.
    pub cancelled: bool,
}

/// A look from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ExecutorGauges {
    /// Calls that run.
    pub running: usize,
    /// Calls that wait for it.
    pub waiting: usize,
}

impl ExecutorGauges {
    /// Of the calls given to the transport, so many wait there.
    pub(crate) fn of_started(self, waiting: usize) -> Self {
        Self {
            running: self.running.saturating_sub(waiting),
            waiting: self.waiting + waiting,
        }
    }
}

impl ExecutorMachine {
    /// An executor whose transport is not up yet. `capacity` is how many calls run at once.
    pub fn new(name: Name, capacity: Option<usize>) -> Self {
        Self {
            name,
            phase: ExecutorPhase::Starting,
            capacity,
            running: HashSet::new(),
            waiting: FairQueue::default(),
        }
    }

    /// Creates the state of an executor whose machine panicked. What runs goes on. What waits is
    /// answered, and what has ended meanwhile is reported. `draining`: the app is.
    pub fn restarted(
        &self,
        calls: &[CallAtExecutor],
        draining: bool,
        too_often: bool,
    ) -> (Self, Vec<ExecutorEffect>) {
        let mut fresh = Self::new(self.name.clone(), self.capacity);
        if self.phase != ExecutorPhase::Starting {
            fresh.phase = ExecutorPhase::Ready;
        }
        let mut effects = Vec::new();
        for it in calls {
            let call = it.call;
            if it.started && !it.over {
                fresh.running.insert(call);
                if it.cancelled {
                    let executor = self.name.clone();
                    effects.push(ExecutorEffect::Stop { executor, call });
                }
                continue;
            }
            if !it.over {
                let error = CallError::restarted("executor");
                effects.push(ExecutorEffect::Refuse { call, error });
            }
            effects.push(ExecutorEffect::Done { call });
        }
        if draining || matches!(self.phase, ExecutorPhase::Draining | ExecutorPhase::Stopped) {
            fresh.drain(&mut effects);
        }
        if too_often {
            let executor = self.name.clone();
            effects.push(ExecutorEffect::Failed { executor });
        }
        (fresh, effects)
    }

    /// A look from outside.
    pub fn gauges(&self) -> ExecutorGauges {
        ExecutorGauges {
            running: self.running.len(),
            waiting: self.waiting.len(),
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    /// Whether it is drained.
    pub(crate) fn has_stopped(&self) -> bool {
        self.phase == ExecutorPhase::Stopped
    }

    fn has_room(&self) -> bool {
        self.phase == ExecutorPhase::Ready
            && self
                .capacity
                .is_none_or(|capacity| self.running.len() < capacity)
    }

    fn start(&mut self, call: CallKey, effects: &mut Vec<ExecutorEffect>) {
        self.running.insert(call);
        let executor = self.name.clone();
        effects.push(ExecutorEffect::Start { executor, call });
    }

    fn start_waiting(&mut self, effects: &mut Vec<ExecutorEffect>) {
        while self.has_room() {
            let Some(call) = self.next_waiting() else {
                return;
            };
            self.start(call, effects);
        }
    }

    fn next_waiting(&mut self) -> Option<CallKey> {
        let next = self.waiting.pop(&[()], |()| None);
        next.map(|(call, _)| call)
    }

    fn interrupt(&mut self, call: CallKey, effects: &mut Vec<ExecutorEffect>) {
        if self.running.contains(&call) {
            let executor = self.name.clone();
            effects.push(ExecutorEffect::Stop { executor, call });
        } else {
            // It waited, or whoever asks has not heard of its end.
            self.waiting.remove(call);
            effects.push(ExecutorEffect::Done { call });
        }
    }

    fn drain(&mut self, effects: &mut Vec<ExecutorEffect>) {
        if matches!(self.phase, ExecutorPhase::Draining | ExecutorPhase::Stopped) {
            return;
        }
        self.phase = ExecutorPhase::Draining;
        let executor = self.name.clone();
        effects.push(ExecutorEffect::Draining { executor });
        while let Some(call) = self.next_waiting() {
            let error = CallError::shutting_down();
            effects.push(ExecutorEffect::Refuse { call, error });
            effects.push(ExecutorEffect::Done { call });
        }
        let mut running: Vec<CallKey> = self.running.iter().copied().collect();
        running.sort_unstable();
        for call in running {
            let executor = self.name.clone();
            effects.push(ExecutorEffect::Stop { executor, call });
        }
        self.stop_when_idle(effects);
    }

    fn stop_when_idle(&mut self, effects: &mut Vec<ExecutorEffect>) {
        if self.phase == ExecutorPhase::Draining && self.running.is_empty() {
            self.phase = ExecutorPhase::Stopped;
            let executor = self.name.clone();
            effects.push(ExecutorEffect::Stopped { executor });
        }
    }
}

impl Machine for ExecutorMachine {
    type Event = ExecutorEvent;
    type Effect = ExecutorEffect;
    const KIND: &'static str = "executor";

    fn call_of(event: &ExecutorEvent) -> Option<CallKey> {
        match event {
            ExecutorEvent::Dispatch { call, .. }
            | ExecutorEvent::Interrupt { call }
            | ExecutorEvent::Finished { call } => Some(*call),
            ExecutorEvent::Ready | ExecutorEvent::Drain => None,
        }
    }

    fn step(&mut self, event: ExecutorEvent, effects: &mut Vec<ExecutorEffect>) {
        match event {
            ExecutorEvent::Ready => {
                if self.phase == ExecutorPhase::Starting {
                    self.phase = ExecutorPhase::Ready;
                    self.start_waiting(effects);
                }
            }
            ExecutorEvent::Dispatch {
                call,
                window,
                class,
            } => match self.phase {
                ExecutorPhase::Draining | ExecutorPhase::Stopped => {
                    let error = CallError::shutting_down();
                    effects.push(ExecutorEffect::Refuse { call, error });
                    effects.push(ExecutorEffect::Done { call });
                }
                _ if self.has_room() => self.start(call, effects),
                _ => {
                    let key = ();
                    let lane = Lane { class, window, key };
                    self.waiting.push(lane, call, ());
                }
            },
            ExecutorEvent::Interrupt { call } => self.interrupt(call, effects),
            ExecutorEvent::Finished { call } => {
                if self.running.remove(&call) {
                    effects.push(ExecutorEffect::Done { call });
                    self.start_waiting(effects);
                    self.stop_when_idle(effects);
                }
            }
            ExecutorEvent::Drain => self.drain(effects),
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
