//! Carries out what a pool's state machine decides: starts workers, sends calls, ends both.

mod transport;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use dashmap::DashMap;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    calls::{inbound::InboundReader, registry::Registry, target::Target},
    link::{
        frame::{Kind, encode},
        head,
    },
    pool::{
        lifecycle::worker_name,
        machine::PoolMachine,
        messages::{CallEnd, PoolEffect, PoolEvent, Timed, WorkerId},
        view::PoolView,
    },
    process::{
        exit_status::Exit,
        worker::{Processes, Worker},
        zygote::Forker,
    },
};
use crate::{
    actors::{
        Actor, Allowance, Body, CallKey, Count, Failure, Interpret, Name, Outcome, System, Trace,
    },
    error::ErrorCode,
    sync::clock,
};

/// The first frame of a worker.
#[derive(Serialize)]
struct Setup<'a> {
    worker: &'a str,
    messages: Allowance,
    most: usize,
    modules: Vec<String>,
    /// The worker's temporary folder.
    temp: &'a Path,
    #[serde(flatten)]
    setup: HashMap<String, &'a RawValue>,
}

/// A pool of worker processes.
pub struct Pool {
    name: Name,
    forker: Arc<Forker>,
    /// The largest body of a frame from a worker, in bytes.
    most: usize,
    system: Weak<System>,
    actor: Arc<Actor<PoolMachine>>,
    trace: Trace,
    begin: Instant,
    targets: DashMap<Name, Target>,
    registry: Arc<Registry>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool")
            .field("name", &self.name)
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// The name of its executor.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets where the workers find a command.
    pub fn set_target(&self, command: &str, target: Target) {
        self.targets.insert(command.into(), target);
    }

    /// Takes a snapshot of the pool and its processes.
    pub fn look(&self) -> PoolView {
        let now = self.now();
        let mut view = self.actor.look(|machine| machine.view(now));
        if view.workers.is_empty() {
            return view;
        }
        let processes = Processes::look();
        for entry in &mut view.workers {
            if let Some(worker) = self.registry.worker(entry.id) {
                entry.pid = worker.pid();
                entry.memory = worker.memory(&processes);
                entry.cluster = self.registry.cluster(entry.id);
            }
        }
        view
    }

    /// Kills a worker with its call, if it has none or the call is among `calls`. False: the worker
    /// is gone, or has another call.
    pub fn kill_worker(self: &Arc<Self>, worker: WorkerId, calls: Vec<CallKey>) -> bool {
        let may = self.actor.look(|machine| machine.may_kill(worker, &calls));
        if may {
            self.tell(PoolEvent::Kill { worker, calls });
        }
        may
    }

    /// Forgets where the workers find a command, which was removed.
    pub fn forget_target(&self, command: &str) {
        self.targets.remove(command);
    }

    /// Replaces the workers, and with `zygote` the process that forks them. Calls that run end on
    /// the worker that has them.
    pub fn renew(self: &Arc<Self>, zygote: bool) {
        if zygote {
            self.forker.renew();
        }
        self.tell(PoolEvent::Renew);
    }

    /// Ends the workers. Those that have not ended after `patience` are killed. Returns when all
    /// are gone, or a second later.
    pub fn end(self: &Arc<Self>, patience: Duration) {
        self.tell(PoolEvent::Stop);
        if !self.registry.wait_gone(patience) {
            for worker in self.registry.workers().values() {
                worker.kill();
            }
            self.registry.wait_gone(Duration::from_secs(1));
        }
        self.forker.end();
    }

    fn now(&self) -> u64 {
        u64::try_from(clock::since(self.begin).as_millis()).unwrap_or(u64::MAX)
    }

    fn tell(self: &Arc<Self>, event: PoolEvent) {
        let now = self.now();
        self.actor.send(self, Timed { now, event });
    }

    fn count(&self, what: Count) {
        if let Some(system) = self.system.upgrade() {
            system.count(what);
        }
    }

    fn spawn(self: &Arc<Self>, id: WorkerId) {
        self.count(Count::WorkerStart);
        let name = worker_name(&self.name, id);
        let folder = self.temporary_folder(&name);
        let setup = self.setup(&name, &folder);
        let pool = Arc::clone(self);
        let listener = Box::new(InboundReader {
            registry: Arc::clone(&self.registry),
            tell: Box::new(move |event| pool.tell(event)),
            worker: id,
            name: name.clone(),
            folder,
        });
        match Worker::start(&name, &self.forker, self.most, listener) {
            Ok(worker) => {
                worker.send(setup);
                self.registry.workers().insert(id, worker);
            }
            Err(error) => {
                let exit = Exit::never_started(format!("`{name}` could not be started: {error}"));
                self.tell(PoolEvent::Died { worker: id, exit });
            }
        }
    }

    /// A folder that a worker creates when it needs one. Others cannot guess its name.
    fn temporary_folder(&self, worker: &str) -> PathBuf {
        let chosen = self.forker.launch.env.get("TMPDIR").map(PathBuf::from);
        let random = RandomState::new().hash_one(std::process::id());
        let worker = worker.replace(|it: char| !it.is_ascii_alphanumeric(), "-");
        let name = format!("transom-{worker}-{random:016x}");
        chosen.unwrap_or_else(std::env::temp_dir).join(name)
    }

    fn setup(&self, worker: &str, temp: &Path) -> Option<Vec<u8>> {
        let mut modules: Vec<String> = self.targets.iter().map(|it| it.module.clone()).collect();
        modules.sort_unstable();
        modules.dedup();
        let setup = serde_json::from_str(self.forker.launch.setup.get()).unwrap_or_default();
        let head = head::to_json(&Setup {
            worker,
            messages: Allowance::MESSAGES,
            most: self.most,
            modules,
            temp,
            setup,
        });
        encode(Kind::Setup, &head, 0).ok()
    }

    fn send(self: &Arc<Self>, worker: WorkerId, call: CallKey) {
        let (Some(job), Some(to)) = (self.registry.job(call), self.registry.worker(worker)) else {
            return;
        };
        if job.give_to(worker) && !job.guard.call().begin() {
            // It was cancelled on its way.
            return self.tell(PoolEvent::Finished {
                worker,
                call,
                ran: false,
                unfit: false,
            });
        }
        job.page_credit().run_again();
        let body = job.body();
        let head = head::call(&job, &body);
        let body = match body {
            Body::None => Vec::new(),
            Body::Json(bytes) | Body::Raw(bytes) => bytes,
        };
        match encode(Kind::Call, &head, body.len()) {
            Ok(head) => to.send_with(head, body),
            Err(error) => {
                job.guard
                    .settle(Outcome::Error(error.with("started", false)));
                self.tell(PoolEvent::Finished {
                    worker,
                    call,
                    ran: false,
                    unfit: false,
                });
            }
        }
    }

    /// Plans a tick.
    fn plan(&self, at: u64) {
        let event = PoolEvent::Tick;
        // A time beyond the range of the clock never comes.
        if let Some(moment) = self.begin.checked_add(Duration::from_millis(at)) {
            self.actor.wake(moment, Timed { now: at, event });
        }
    }
}

impl Interpret<PoolMachine> for Pool {
    fn stamp(&self, event: Timed) -> Timed {
        let now = self.now();
        Timed { now, ..event }
    }

    fn carry_out(self: &Arc<Self>, effect: PoolEffect) {
        match effect {
            PoolEffect::Spawn { worker } => self.spawn(worker),
            PoolEffect::Send { worker, call } => self.send(worker, call),
            PoolEffect::Interrupt { worker, call } => {
                if let Some(worker) = self.registry.worker(worker) {
                    worker.send(encode(Kind::Cancel, &head::cancel(call), 0).ok());
                }
            }
            PoolEffect::Quit { worker } => {
                if let Some(worker) = self.registry.worker(worker) {
                    worker.quit();
                }
            }
            PoolEffect::Kill { worker } => {
                if let Some(worker) = self.registry.worker(worker) {
                    self.count(Count::WorkerKill);
                    worker.kill();
                }
            }
            PoolEffect::Refuse { call, error } => {
                if let Some(job) = self.registry.remove(call) {
                    if error.code == ErrorCode::WorkerLost && job.guard.call().begun() {
                        job.guard.mark_killed();
                    }
                    job.guard.settle(Outcome::Error(error));
                }
            }
            PoolEffect::Release { call, ending } => {
                if let Some(job) = self.registry.remove(call)
                    && ending == CallEnd::Killed
                {
                    job.guard.mark_killed();
                }
            }
            PoolEffect::Forget { worker } => {
                self.registry.forget_worker(worker);
                self.registry.one_is_gone();
            }
            PoolEffect::Look { at } => self.plan(at),
        }
    }

    fn restart(self: &Arc<Self>, actor: &Actor<PoolMachine>, failure: &Failure) -> Vec<PoolEffect> {
        let (calls, now) = (self.registry.calls(), self.now());
        let workers = self.registry.living();
        if failure.too_often
            && let Some(system) = self.system.upgrade()
        {
            system.give_up(&format!("the pool `{}`", self.name));
        }
        actor.replace(|old| old.restarted(now, &workers, &calls))
    }

    fn panicked(self: &Arc<Self>, what: &str) {
        self.count(Count::Panic);
        log::error!("the pool `{}` panicked and is restarted: {what}", self.name);
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}
