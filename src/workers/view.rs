//! A look at a pool from outside. Times in milliseconds.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{member::Worker, message::WorkerId, pool::PoolMachine};

/// A pool and its workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolView {
    /// `available` or `unavailable`.
    pub state: &'static str,
    /// Why it is unavailable.
    pub reason: Option<String>,
    /// When an unavailable pool tries again; `None`: it is available, or never does.
    pub retry: Option<u64>,
    /// Workers at once.
    pub size: usize,
    /// Calls that have no worker yet.
    pub waiting: usize,
    /// The commands in quarantine, and for how long.
    pub quarantined: BTreeMap<String, u64>,
    /// Oldest first.
    pub workers: Vec<WorkerView>,
}

/// A worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkerView {
    /// Its number in its pool.
    pub id: WorkerId,
    /// Its process; `None`: it is not there yet, or is there no more.
    pub pid: Option<u32>,
    /// `starting`, `idle`, `busy`, `cancelling` or `ending`.
    pub state: &'static str,
    /// What it runs.
    pub calls: Vec<CallView>,
    /// Bytes of private memory, with its children's, where the system tells them.
    pub memory: Option<u64>,
    /// Calls that it has run to their end.
    pub finished: u64,
    /// Since it was started.
    pub age: u64,
    /// Since it is in this state.
    pub since: u64,
}

/// A call that a worker runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallView {
    /// Its key.
    pub id: u64,
    /// Its command.
    pub command: String,
}

impl PoolMachine {
    /// A look from outside; the processes are for the shell to add.
    pub fn view(&self, now: u64) -> PoolView {
        let refusal = self.closed.clone().or_else(|| self.unavailable(now));
        let resting = self.starts.resting(now).map(|(until, _)| until - now);
        let retry = resting.filter(|_| self.closed.is_none() && refusal.is_some());
        PoolView {
            state: if refusal.is_some() {
                "unavailable"
            } else {
                "available"
            },
            reason: refusal.map(|error| error.message),
            retry,
            size: self.spec.workers,
            waiting: self.waiting.len(),
            quarantined: self
                .quarantine
                .resting(now)
                .map(|(command, left)| (command.to_string(), left))
                .collect(),
            workers: self
                .workers
                .iter()
                .map(|(&id, worker)| worker.view(id, now))
                .collect(),
        }
    }
}

impl Worker {
    fn view(&self, id: WorkerId, now: u64) -> WorkerView {
        let calls = self.runs().iter().map(|run| CallView {
            id: run.task.call.0,
            command: run.task.command.to_string(),
        });
        WorkerView {
            id,
            pid: None,
            state: self.state.name(),
            calls: calls.collect(),
            memory: None,
            finished: self.finished,
            age: now.saturating_sub(self.born),
            since: now.saturating_sub(self.since),
        }
    }
}
