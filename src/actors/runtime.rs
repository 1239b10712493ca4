//! The actix side of the actors: what waits runs here. Timers always; every message when the
//! fast path is off.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, SpawnHandle};

/// A piece of work that moves state and does not block.
pub(super) type Job = Box<dyn FnOnce() + Send>;

#[derive(Message)]
#[rtype(result = "()")]
struct Run(Job);

#[derive(Message)]
#[rtype(result = "()")]
struct RunLater(Duration, Job);

#[derive(Message)]
#[rtype(result = "()")]
struct SetTimer(Duration, Job);

#[derive(Message)]
#[rtype(result = "()")]
struct Stop;

/// A panic would end the thread, and every timer with it.
fn run(job: Job) {
    if catch_unwind(AssertUnwindSafe(job)).is_err() {
        log::error!("a job on the actors' thread panicked; the others go on");
    }
}

/// Runs posted jobs, in order, and timers.
#[derive(Default)]
struct Carrier {
    /// The one that is set anew.
    timer: Option<SpawnHandle>,
}

impl Actor for Carrier {
    type Context = Context<Self>;
}

impl Handler<Run> for Carrier {
    type Result = ();

    fn handle(&mut self, Run(job): Run, _: &mut Self::Context) {
        run(job);
    }
}

impl Handler<RunLater> for Carrier {
    type Result = ();

    fn handle(&mut self, RunLater(delay, job): RunLater, context: &mut Self::Context) {
        context.run_later(delay, |_, _| run(job));
    }
}

impl Handler<SetTimer> for Carrier {
    type Result = ();

    fn handle(&mut self, SetTimer(delay, job): SetTimer, context: &mut Self::Context) {
        if let Some(timer) = self.timer.take() {
            context.cancel_future(timer);
        }
        self.timer = Some(context.run_later(delay, |carrier, _| {
            carrier.timer = None;
            run(job);
        }));
    }
}

impl Handler<Stop> for Carrier {
    type Result = ();

    fn handle(&mut self, _: Stop, _: &mut Self::Context) {
        actix::System::current().stop();
    }
}

/// Sends jobs to the carrier, in order.
#[derive(Debug, Clone)]
pub(super) struct Post(Addr<Carrier>);

impl Post {
    /// Runs `job` on the actors' thread. What it holds is bounded by the calls admitted.
    pub(super) fn run(&self, job: Job) {
        self.0.do_send(Run(job));
    }
}

/// The actors' thread.
pub struct Runtime {
    carrier: Addr<Carrier>,
    /// Until somebody waits for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
    fast_path: bool,
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
        let (started, carrier) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("transom-actors".into())
            .spawn(move || {
                let system = actix::System::new();
                let carrier = system.block_on(async { Carrier::default().start() });
                // The starter waits for this message and nothing else.
                if started.send(carrier).is_ok() {
                    let _ = system.run();
                }
            })?;
        let carrier = carrier.recv().map_err(std::io::Error::other)?;
        Ok(Self {
            carrier,
            thread: Mutex::new(Some(thread)),
            fast_path,
        })
    }

    /// Ends the thread after what was sent to it, and waits for that. What is sent later is lost.
    /// Not from a job.
    pub(super) fn end(&self) {
        self.carrier.do_send(Stop);
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            let _ = thread.join();
        }
    }

    /// The way of messages when the fast path is off.
    pub(super) fn post(&self) -> Option<Post> {
        (!self.fast_path).then(|| Post(self.carrier.clone()))
    }

    /// Runs `job` after `delay`.
    pub(super) fn after(&self, delay: Duration, job: Job) {
        self.carrier.do_send(RunLater(delay, job));
    }

    /// Runs `job` after `delay`, in the place of the job given here before, if that still waits.
    pub(super) fn set_timer(&self, delay: Duration, job: Job) {
        self.carrier.do_send(SetTimer(delay, job));
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.carrier.do_send(Stop);
    }
}

/// Whether `TRANSOM_FAST_PATH` leaves the fast path on, which is the default.
pub fn fast_path_from_env() -> bool {
    std::env::var("TRANSOM_FAST_PATH").map_or(true, |value| value != "0")
}
