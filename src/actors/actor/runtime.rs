//! Starts actors, and the one thread that carries their keepers.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use actix::{Arbiter, ArbiterHandle};

#[cfg(test)]
use super::shuffle::Shuffle;
use super::{
    intensity::Intensity,
    keeper::{Keeper, Orders},
    machine::Machine,
    shell::{Actor, Interpret, Keeping},
};

/// How long the end of the thread waits for the keepers to carry out their orders.
const PATIENCE: Duration = Duration::from_secs(1);

/// The actors' thread.
pub struct Runtime {
    arbiter: ArbiterHandle,
    /// The thread, until somebody waits for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
    fast_path: bool,
    /// How often each actor may be restarted.
    intensity: Intensity,
    orders: Orders,
    /// What takes the place of the thread.
    #[cfg(test)]
    shuffle: Option<Shuffle>,
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime")
            .field("fast_path", &self.fast_path)
            .finish_non_exhaustive()
    }
}

impl Runtime {
    /// Starts the thread. `fast_path: false` sends every message through it.
    pub fn start(fast_path: bool) -> std::io::Result<Self> {
        let (started, arbiter) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("transom-actors".into())
            .spawn(move || {
                let system = actix::System::new();
                // The starter waits for this message and nothing else.
                if started.send(Arbiter::current()).is_ok() {
                    let _ = system.run();
                }
            })?;
        Ok(Self {
            arbiter: arbiter.recv().map_err(std::io::Error::other)?,
            thread: Mutex::new(Some(thread)),
            fast_path,
            intensity: Intensity::default(),
            orders: Orders::default(),
            #[cfg(test)]
            shuffle: None,
        })
    }

    /// Starts an actor, and its keeper, which lasts as long as the actor.
    pub(in crate::actors) fn actor<M: Machine, S: Interpret<M>>(
        &self,
        machine: M,
        world: Weak<S>,
    ) -> Arc<Actor<M>> {
        Arc::new_cyclic(|actor| {
            let keeper = Keeper::new(Weak::clone(actor), world, self.intensity.clone());
            Actor::new(machine, self.fast_path, self.keep(keeper))
        })
    }

    fn keep<M: Machine, S: Interpret<M>>(&self, keeper: Keeper<M, S>) -> Box<dyn Keeping<M>> {
        #[cfg(test)]
        if let Some(shuffle) = &self.shuffle {
            return shuffle.keep(keeper);
        }
        keeper.start(&self.arbiter, &self.orders)
    }

    /// Ends the thread when the keepers have carried out their orders, and waits for that. Orders
    /// given later are lost. Must not be called on that thread.
    pub(in crate::actors) fn end(&self) {
        self.stop();
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            let _ = thread.join();
        }
    }

    fn stop(&self) {
        let (orders, end) = (self.orders.clone(), Instant::now() + PATIENCE);
        self.arbiter.spawn(async move {
            while !orders.are_done() && Instant::now() < end {
                tokio::task::yield_now().await;
            }
            actix::System::current().stop();
        });
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
impl Runtime {
    /// Lets actors restart as often as they will.
    pub(in crate::actors) fn tolerating(mut self, restarts: usize) -> Self {
        self.intensity = Intensity::tolerating(restarts);
        self
    }

    /// Lets `shuffle` decide whose keeper has the next turn, instead of the thread.
    pub(in crate::actors) fn shuffled(mut self, shuffle: Shuffle) -> Self {
        self.shuffle = Some(shuffle);
        self
    }

    /// The orders on their way to the keepers, and how many keepers there are.
    pub(in crate::actors) fn orders(&self) -> &Orders {
        &self.orders
    }
}

/// Whether `TRANSOM_FAST_PATH` leaves the fast path on, which is the default.
pub fn fast_path_from_env() -> bool {
    std::env::var("TRANSOM_FAST_PATH").map_or(true, |value| value != "0")
}
