//! Reads the state of the actors, for the app and its metrics. Each read locks one machine briefly.

use std::sync::Arc;

use super::System;
use crate::actors::{
    call::cell::Call,
    command::machine::CommandMachine,
    executor::machine::ExecutorMachine,
    ids::{CallKey, Epoch, WindowKey},
    jobs::machine::JobsMachine,
    metrics::gauges::{Gauges, of_calls, read},
    supervisor::machine::SupervisorMachine,
    window::machine::WindowMachine,
};
use crate::error::CallError;

impl System {
    /// Refuses what comes from another document than the one that `label` shows.
    pub fn check_document(&self, label: &str, epoch: Epoch) -> Result<(), CallError> {
        let actor = self.windows.get(label);
        let actor = actor.ok_or_else(CallError::window_closed)?;
        actor.look(|window| window.check_document(epoch))
    }

    /// Which opening of `label` is the latest, while something of it is left.
    pub fn opening(&self, label: &str) -> Option<WindowKey> {
        let actor = self.windows.get(label)?;
        Some(actor.look(|window| window.key().clone()))
    }

    /// Whether that opening of a window still lasts.
    pub fn is_open(&self, window: &WindowKey) -> bool {
        self.windows
            .get(&window.label)
            .is_some_and(|actor| actor.look(|it| it.is_open() && it.key() == window))
    }

    /// Finds a call by its key.
    pub fn call(&self, key: CallKey) -> Option<Arc<Call>> {
        self.calls.get(&key).map(|call| Arc::clone(&call))
    }

    /// The calls whose work has not ended, oldest first.
    pub fn calls(&self) -> Vec<Arc<Call>> {
        let mut calls: Vec<_> = self
            .calls
            .iter()
            .filter(|call| !call.is_released() && call.request.attach.is_none())
            .map(|call| Arc::clone(&call))
            .collect();
        calls.sort_unstable_by_key(|call| call.key());
        calls
    }

    /// Takes a snapshot of everything that is held.
    pub fn gauges(&self) -> Gauges {
        let of_calls = of_calls(&self.calls);
        Gauges {
            calls: self.supervisor.look(SupervisorMachine::held),
            streams: of_calls.streams,
            jobs: self.jobs.look(JobsMachine::held),
            queued_bytes: of_calls.queued_bytes,
            result_bytes: self.supervisor.look(SupervisorMachine::result_bytes),
            backlogs: self.page.backlogs(),
            windows: read(&self.windows, |actor| actor.look(WindowMachine::gauges)),
            commands: read(&self.commands, |actor| actor.look(CommandMachine::gauges)),
            executors: read(&self.executors, |handle| {
                let waiting = handle.transport.waiting();
                handle
                    .actor
                    .look(ExecutorMachine::gauges)
                    .of_started(waiting)
            }),
        }
    }
}
