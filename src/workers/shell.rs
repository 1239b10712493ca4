//! Joins a pool's machine to calls and processes. Nothing here decides.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    ear::Ear,
    exit::Exit,
    frame::{Kind, encode},
    head,
    job::{Job, Target},
    lives::worker_name,
    message::{Ending, PoolEffect, PoolEvent, PoolSpec, Task, Timed, WorkerId},
    pool::PoolMachine,
    view::PoolView,
    worker::{Processes, Worker},
    zygote::Nursery,
};
use crate::{
    actors::{
        Actor, Allowance, Body, Call, CallGuard, CallKey, Count, Interpret, KeySource, Name,
        Outcome, System, Trace, Transport,
    },
    error::{CallError, ErrorCode},
};

/// How a pool's processes are started.
#[derive(Debug, Deserialize)]
pub struct Launch {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Added to the environment.
    pub env: HashMap<String, String>,
    /// What a worker is told first, for its Python side.
    pub setup: Box<RawValue>,
    /// Bytes of private memory that a worker and its children may hold; one with more is killed.
    pub max_memory: Option<u64>,
    /// Bodies of so many bytes and more cross in shared memory. `None`: none does.
    #[serde(default)]
    pub share_from: Option<usize>,
    /// What its zygote is told first; `None`: it has none.
    #[serde(default)]
    pub zygote: Option<Preparation>,
}

/// What a zygote is told first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Preparation {
    /// Where modules are looked for.
    sys_path: Vec<String>,
    argv: Vec<String>,
    /// The working directory. `None`: the host's is gone.
    cwd: Option<String>,
    /// Modules to import.
    pub(super) preload: Vec<String>,
}

impl Preparation {
    /// The same without these modules.
    pub(super) fn without(&self, modules: &[String]) -> Self {
        let mut less = self.clone();
        less.preload.retain(|module| !modules.contains(module));
        less
    }
}

/// The first frame of a worker.
#[derive(Serialize)]
struct Setup<'a> {
    worker: &'a str,
    messages: Allowance,
    most: usize,
    modules: Vec<String>,
    /// Where it keeps what goes with it.
    temp: &'a Path,
    #[serde(flatten)]
    setup: HashMap<String, &'a RawValue>,
}

/// A pool of worker processes.
pub struct Pool {
    name: Name,
    nursery: Arc<Nursery>,
    /// Bytes of the largest body of a frame from a worker.
    most: usize,
    system: Weak<System>,
    actor: Arc<Actor<PoolMachine>>,
    trace: Trace,
    begin: Instant,
    targets: DashMap<Name, Target>,
    jobs: DashMap<CallKey, Arc<Job>>,
    workers: Mutex<HashMap<WorkerId, Arc<Worker>>>,
    /// A worker is gone.
    gone: Condvar,
    /// When the next look is planned.
    look: AtomicU64,
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
    /// Adds a pool to the executors of an app. It starts nothing before its first call.
    /// `refusal`: why it cannot work at all.
    pub fn add(
        system: &Arc<System>,
        name: &str,
        spec: PoolSpec,
        launch: Launch,
        refusal: Option<String>,
    ) -> Arc<Self> {
        let name: Name = name.into();
        // The worker that waits for it then has as long to start without it.
        let patience = Duration::from_millis(spec.start_timeout / 2);
        let seed = u64::from(std::process::id()) << 16 | name.len() as u64;
        let mut machine = PoolMachine::new(name.clone(), spec, seed);
        if let Some(text) = refusal {
            machine = machine.refusing(CallError::new(ErrorCode::Unavailable, text));
        }
        let pool = Arc::new(Self {
            name: name.clone(),
            nursery: Nursery::new(name.clone(), launch, patience).into(),
            most: system.limits().result_bytes,
            system: Arc::downgrade(system),
            actor: system.actor(machine),
            trace: Trace::default(),
            begin: Instant::now(),
            targets: DashMap::new(),
            jobs: DashMap::new(),
            workers: Mutex::default(),
            gone: Condvar::new(),
            look: AtomicU64::new(u64::MAX),
        });
        let transport = Arc::new(Link(Arc::clone(&pool)));
        // The order in which calls wait for a worker is the pool's own.
        system.add_executor(&name, None, transport);
        system.executor_ready(&name);
        pool
    }

    /// The name of its executor.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says where the workers find a command.
    pub fn set_target(&self, command: &str, target: Target) {
        self.targets.insert(command.into(), target);
    }

    /// A look at it and its processes.
    pub fn look(&self) -> PoolView {
        let now = self.now();
        let mut view = self.actor.look(|machine| machine.view(now));
        if view.workers.is_empty() {
            return view;
        }
        let processes = Processes::look();
        for entry in &mut view.workers {
            if let Some(worker) = self.worker(entry.id) {
                entry.pid = worker.pid();
                entry.memory = worker.memory(&processes);
            }
        }
        view
    }

    /// Kills a worker with its call, if that is among `calls` or it has none. False: it is gone, or
    /// has another call.
    pub fn kill_worker(self: &Arc<Self>, worker: WorkerId, calls: Vec<CallKey>) -> bool {
        let may = self.actor.look(|machine| machine.may_kill(worker, &calls));
        if may {
            self.tell(PoolEvent::Kill { worker, calls });
        }
        may
    }

    /// Ends the workers. What has not ended after `patience` is killed; returns when all are gone,
    /// or a second later.
    pub fn end(self: &Arc<Self>, patience: Duration) {
        self.tell(PoolEvent::Stop);
        if !self.wait_gone(patience) {
            for worker in self.workers().values() {
                worker.kill();
            }
            self.wait_gone(Duration::from_secs(1));
        }
        self.nursery.end();
    }

    fn wait_gone(&self, patience: Duration) -> bool {
        let alive =
            |workers: &mut HashMap<_, Arc<Worker>>| workers.values().any(|it| !it.is_gone());
        self.gone
            .wait_timeout_while(self.workers(), patience, alive)
            .map(|(_, waited)| !waited.timed_out())
            .unwrap_or(false)
    }

    /// Whoever waits for the end of the workers looks again.
    pub(super) fn one_is_gone(&self) {
        self.gone.notify_all();
    }

    fn workers(&self) -> std::sync::MutexGuard<'_, HashMap<WorkerId, Arc<Worker>>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn worker(&self, worker: WorkerId) -> Option<Arc<Worker>> {
        self.workers().get(&worker).map(Arc::clone)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn tell(self: &Arc<Self>, event: PoolEvent) {
        let now = self.now();
        self.actor.send(self, Timed { now, event });
    }

    pub(super) fn job(&self, call: CallKey) -> Option<Arc<Job>> {
        self.jobs.get(&call).map(|job| Arc::clone(&job))
    }

    /// The job that `worker` runs under this id. A worker speaks of its own call only.
    pub(super) fn job_of(&self, worker: WorkerId, id: u64) -> Option<Arc<Job>> {
        let own = |job: &Arc<Job>| job.worker() == worker;
        self.job(CallKey(id)).filter(own)
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
        let listener = Box::new(Ear {
            pool: Arc::clone(self),
            worker: id,
            name: name.clone(),
            folder,
        });
        match Worker::start(&name, &self.nursery, self.most, listener) {
            Ok(worker) => {
                worker.send(setup);
                self.workers().insert(id, worker);
            }
            Err(error) => {
                let exit = Exit::never_started(format!("`{name}` could not be started: {error}"));
                self.tell(PoolEvent::Died { worker: id, exit });
            }
        }
    }

    /// A folder that a worker makes when it needs one. Its name cannot be guessed by others.
    fn temporary_folder(&self, worker: &str) -> PathBuf {
        let chosen = self.nursery.launch.env.get("TMPDIR").map(PathBuf::from);
        let random = RandomState::new().hash_one(std::process::id());
        let worker = worker.replace(|it: char| !it.is_ascii_alphanumeric(), "-");
        let name = format!("transom-{worker}-{random:016x}");
        chosen.unwrap_or_else(std::env::temp_dir).join(name)
    }

    fn setup(&self, worker: &str, temp: &Path) -> Option<Vec<u8>> {
        let mut modules: Vec<String> = self.targets.iter().map(|it| it.module.clone()).collect();
        modules.sort_unstable();
        modules.dedup();
        let setup = serde_json::from_str(self.nursery.launch.setup.get()).unwrap_or_default();
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
        let (Some(job), Some(to)) = (self.job(call), self.worker(worker)) else {
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
        job.channels().run_again();
        let body = job.body();
        let head = head::call(job.guard.call(), &job.target, &body);
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

    /// Comes back with a tick; one timer is enough, for the earliest look.
    fn plan(self: &Arc<Self>, at: u64) {
        if self.look.fetch_min(at, Ordering::AcqRel) <= at {
            return;
        }
        let Some(system) = self.system.upgrade() else {
            return;
        };
        let pool = Arc::downgrade(self);
        // A millisecond more, so that the time has come by any rounding.
        let delay = Duration::from_millis(at.saturating_sub(self.now()) + 1);
        system.after(delay, move || {
            if let Some(pool) = pool.upgrade() {
                pool.look.store(u64::MAX, Ordering::Release);
                pool.tell(PoolEvent::Tick);
            }
        });
    }

    /// Ends a call with what its worker says. `unfit`: the worker should run no other one.
    pub(super) fn finish(
        self: &Arc<Self>,
        worker: WorkerId,
        id: u64,
        unfit: bool,
        outcome: Outcome,
    ) {
        if let Some(job) = self.job_of(worker, id) {
            let (call, ran) = (job.guard.call().key(), true);
            job.guard.last_word(outcome).say(|| {
                drop(job);
                self.tell(PoolEvent::Finished {
                    worker,
                    call,
                    ran,
                    unfit,
                });
            });
        }
    }
}

impl Interpret<PoolMachine> for Pool {
    fn carry_out(self: &Arc<Self>, effect: PoolEffect) {
        match effect {
            PoolEffect::Spawn { worker } => self.spawn(worker),
            PoolEffect::Send { worker, call } => self.send(worker, call),
            PoolEffect::Interrupt { worker, call } => {
                if let Some(worker) = self.worker(worker) {
                    worker.send(encode(Kind::Cancel, &head::cancel(call), 0).ok());
                }
            }
            PoolEffect::Quit { worker } => {
                if let Some(worker) = self.worker(worker) {
                    worker.quit();
                }
            }
            PoolEffect::Kill { worker } => {
                if let Some(worker) = self.worker(worker) {
                    self.count(Count::WorkerKill);
                    worker.kill();
                }
            }
            PoolEffect::Refuse { call, error } => {
                if let Some((_, job)) = self.jobs.remove(&call) {
                    if error.code == ErrorCode::WorkerLost && job.guard.call().begun() {
                        job.guard.mark_killed();
                    }
                    job.guard.settle(Outcome::Error(error));
                }
            }
            PoolEffect::Release { call, ending } => {
                if let Some((_, job)) = self.jobs.remove(&call)
                    && ending == Ending::Killed
                {
                    job.guard.mark_killed();
                }
            }
            PoolEffect::Forget { worker } => {
                self.workers().remove(&worker);
                self.gone.notify_all();
            }
            PoolEffect::Look { at } => self.plan(at),
        }
    }

    fn panicked(self: &Arc<Self>, what: &str) {
        self.count(Count::Panic);
        log::error!("the pool `{}` panicked and goes on: {what}", self.name);
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

/// The pool as the actors see it.
struct Link(Arc<Pool>);

impl Transport for Link {
    fn start(&self, guard: CallGuard) {
        let call = Arc::clone(guard.call());
        let command = call.request.command.clone();
        let Some(mut target) = self.0.targets.get(&command).map(|it| it.clone()) else {
            let text = format!(
                "no worker of `{}` knows the command `{command}`",
                self.0.name
            );
            let error = CallError::new(ErrorCode::Unavailable, text);
            return guard.settle(Outcome::Error(error));
        };
        // Items that have gone out cannot be taken back.
        target.idempotent &= call.items().is_none();
        self.0.watch_credit(&call);
        let key = match call.key_of(&target.affinity, &command) {
            Ok(key) => key,
            Err(error) => return guard.settle(Outcome::Error(error)),
        };
        let task = Task {
            call: call.key(),
            command,
            window: call.request.window.clone(),
            class: call.request.class,
            key,
            shared: target.shared,
            starts: if target.idempotent { 2 } else { 1 },
        };
        let job = Job::new(guard, target);
        self.0.jobs.insert(call.key(), Arc::new(job));
        self.0.tell(PoolEvent::Run(task));
    }

    fn stop_call(&self, call: &Arc<Call>) {
        self.0.tell(PoolEvent::Cancel { call: call.key() });
    }

    fn drain(&self) {
        self.0.tell(PoolEvent::Stop);
    }

    fn stop(&self) {
        self.0.tell(PoolEvent::Stop);
    }

    fn key_source(&self, command: &str) -> KeySource {
        let target = self.0.targets.get(command);
        target.map_or(KeySource::App, |target| target.affinity.clone())
    }

    fn waiting(&self) -> usize {
        self.0.actor.look(PoolMachine::waiting)
    }
}
