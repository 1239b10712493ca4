//! Combines the actors and the wire of one app, and its worker pools.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    actors::{Limits, Runtime, System, fast_path_from_env},
    fork,
    ipc::Bridge,
    workers::{Pool, PoolView},
};

/// The exit code of an app that cannot go on: `EX_SOFTWARE` of `sysexits.h`.
pub(crate) const FAILED: i32 = 70;

/// The actors, the wire and the worker pools of one app.
#[derive(Debug)]
pub struct Host {
    /// The actors.
    pub system: Arc<System>,
    /// The wire.
    pub bridge: Arc<Bridge>,
    pools: Mutex<Vec<Arc<Pool>>>,
}

impl Host {
    /// Starts the actors. `TRANSOM_FAST_PATH=0` sends their messages through actix.
    pub fn start(limits: Limits) -> io::Result<Arc<Self>> {
        fork::watch();
        Ok(Self::on(Runtime::start(fast_path_from_env())?, limits))
    }

    /// Creates the host on an actors' thread that runs already.
    pub(crate) fn on(runtime: Runtime, limits: Limits) -> Arc<Self> {
        let bridge = Bridge::new();
        let system = System::new(limits, runtime, bridge.link());
        bridge.bind(&system);
        let pools = Mutex::default();
        Arc::new(Self {
            system,
            bridge,
            pools,
        })
    }

    /// Notes that the document of a window is gone: another begins, or its process has died.
    pub(crate) fn page_started(&self, label: &str) {
        self.bridge.page_started(label);
        self.system.page_started(label);
    }

    /// Notes that a window, or the webview in it, is gone.
    pub(crate) fn close_window(&self, label: &str) {
        self.system.close_window(label);
        self.bridge.remove_webview(label);
        self.bridge.messages.gone(label);
    }

    /// Keeps a pool of worker processes, to end it with the app.
    pub fn keep_pool(&self, pool: Arc<Pool>) {
        self.pools().push(pool);
    }

    /// The pool of this name.
    pub fn pool(&self, name: &str) -> Option<Arc<Pool>> {
        self.pools().iter().find(|it| it.name() == name).cloned()
    }

    /// Takes a snapshot of the pools and their workers, by name.
    pub fn look_at_pools(&self) -> BTreeMap<String, PoolView> {
        // Not under the lock: it reads of each process.
        let pools = self.pools().clone();
        let look = |pool: &Arc<Pool>| (pool.name().to_owned(), pool.look());
        pools.iter().map(look).collect()
    }

    fn pools(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Pool>>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every worker process, and waits for that. A worker has 1 s to end by itself, then it is
    /// killed.
    pub fn end_pools(&self) {
        let pools = std::mem::take(&mut *self.pools());
        for pool in pools {
            pool.end(Duration::from_secs(1));
        }
    }
}
