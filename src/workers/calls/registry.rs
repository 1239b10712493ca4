//! Keeps the calls that a pool has taken, and the workers that run them.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dashmap::DashMap;

use super::call::WorkerCall;
use crate::actors::CallKey;
use crate::workers::{
    pool::{messages::WorkerId, view::ClusterView},
    process::worker::Worker,
};

type Workers = HashMap<WorkerId, Arc<Worker>>;

/// The calls and the workers of a pool.
#[derive(Default)]
pub(crate) struct Registry {
    jobs: DashMap<CallKey, Arc<WorkerCall>>,
    workers: Mutex<Workers>,
    /// What those of the workers that are gateways have seen last of their clusters.
    clusters: DashMap<WorkerId, ClusterView>,
    /// Notified when a worker is gone.
    gone: Condvar,
}

impl Registry {
    pub(crate) fn insert(&self, job: WorkerCall) {
        self.jobs.insert(job.guard.call().key(), Arc::new(job));
    }

    pub(crate) fn remove(&self, call: CallKey) -> Option<Arc<WorkerCall>> {
        self.jobs.remove(&call).map(|(_, job)| job)
    }

    /// The calls that the pool has, oldest first.
    pub(crate) fn calls(&self) -> Vec<CallKey> {
        let mut calls: Vec<_> = self.jobs.iter().map(|job| *job.key()).collect();
        calls.sort_unstable();
        calls
    }

    pub(crate) fn job(&self, call: CallKey) -> Option<Arc<WorkerCall>> {
        self.jobs.get(&call).map(|job| Arc::clone(&job))
    }

    /// The call that `worker` runs under this id. A worker may speak of its own calls only.
    pub(crate) fn job_of(&self, worker: WorkerId, id: u64) -> Option<Arc<WorkerCall>> {
        let own = |job: &Arc<WorkerCall>| job.worker() == worker;
        self.job(CallKey(id)).filter(own)
    }

    pub(crate) fn workers(&self) -> MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn worker(&self, worker: WorkerId) -> Option<Arc<Worker>> {
        self.workers().get(&worker).map(Arc::clone)
    }

    /// Notes what a gateway sees of its cluster.
    pub(crate) fn saw(&self, worker: WorkerId, cluster: ClusterView) {
        self.clusters.insert(worker, cluster);
    }

    /// What a gateway has seen last of its cluster.
    pub(crate) fn cluster(&self, worker: WorkerId) -> Option<ClusterView> {
        self.clusters.get(&worker).map(|it| it.clone())
    }

    /// Forgets a worker that is gone.
    pub(crate) fn forget_worker(&self, worker: WorkerId) {
        self.workers().remove(&worker);
        self.clusters.remove(&worker);
    }

    /// The workers whose processes have not ended, oldest first. Forgets the others.
    pub(crate) fn living(&self) -> Vec<WorkerId> {
        let mut workers = self.workers();
        workers.retain(|_, worker| !worker.is_gone());
        let mut living: Vec<_> = workers.keys().copied().collect();
        living.sort_unstable();
        living
    }

    /// Wakes those who wait for the end of the workers.
    pub(crate) fn one_is_gone(&self) {
        self.gone.notify_all();
    }

    /// Waits until all workers are gone. False: one is still there after `patience`.
    pub(crate) fn wait_gone(&self, patience: Duration) -> bool {
        let alive = |workers: &mut Workers| workers.values().any(|it| !it.is_gone());
        self.gone
            .wait_timeout_while(self.workers(), patience, alive)
            .map(|(_, waited)| !waited.timed_out())
            .unwrap_or(false)
    }
}
