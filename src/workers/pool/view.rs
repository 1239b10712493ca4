//! Takes a snapshot of a pool and its workers, for the app to show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{machine::PoolMachine, member::Member, messages::WorkerId};

/// A snapshot of a pool. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolView {
    /// `available` or `unavailable`.
    pub state: &'static str,
    /// The reason why it is unavailable.
    pub reason: Option<String>,
    /// When an unavailable pool tries again. `None`: it is available, or never tries again.
    pub retry: Option<u64>,
    /// How many workers there may be at once.
    pub size: usize,
    /// Calls that have no worker yet.
    pub waiting: usize,
    /// The commands in quarantine, and for how long.
    pub quarantined: BTreeMap<String, u64>,
    /// The workers, oldest first.
    pub workers: Vec<WorkerView>,
}

/// A snapshot of a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkerView {
    /// Its number in its pool.
    pub id: WorkerId,
    /// Its process id. `None`: there is no process yet, or no more.
    pub pid: Option<u32>,
    /// `starting`, `idle`, `busy`, `cancelling` or `ending`.
    pub state: &'static str,
    /// The calls that it runs.
    pub calls: Vec<CallView>,
    /// Bytes of private memory, including its children's, where the system tells them.
    pub memory: Option<u64>,
    /// How many calls it has run to their end.
    pub finished: u64,
    /// Milliseconds since it was started.
    pub age: u64,
    /// Milliseconds since it came into this state.
    pub state_age: u64,
    /// Of a gateway: what it sees of its cluster. `None`: it has not connected yet.
    pub cluster: Option<ClusterView>,
}

/// What a gateway sees of its cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterView {
    /// How many nodes are alive.
    pub nodes: u32,
    /// How many calls of this gateway the cluster runs.
    pub running: u32,
    /// How many calls of this gateway the cluster has not begun.
    pub waiting: u32,
    /// What a call has waited for, for 10 s or longer. `None`: no call waits for so long.
    pub waits_for: Option<String>,
    /// Bytes that the object stores of all nodes hold, of all jobs of the cluster.
    pub object_store: u64,
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
    /// Takes a snapshot, without process ids and memory, which the shell adds.
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

impl Member {
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
            state_age: now.saturating_sub(self.since),
            cluster: None,
        }
    }
}
