//! Runs the timers of the actors on one actix thread, and all messages when the fast path is off.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, SpawnHandle};

use super::intensity::Intensity;

/// A piece of work that changes state and does not block.
pub(in crate::actors) type Task = Box<dyn FnOnce() + Send>;

#[derive(Message)]
#[rtype(result = "()")]
struct Run(Task);

#[derive(Message)]
#[rtype(result = "()")]
struct RunLater(Duration, Task);

#[derive(Message)]
#[rtype(result = "()")]
struct SetTimer(Duration, Task);

#[derive(Message)]
#[rtype(result = "()")]
struct Stop;

/// Runs a job and contains its panic, which would end the thread and every timer with it.
fn run(job: Task) {
    if catch_unwind(AssertUnwindSafe(job)).is_err() {
        log::error!("a job on the actors' thread panicked; the others go on");
    }
}

/// The actix actor that runs posted jobs, in order, and timers.
#[derive(Default)]
struct Carrier {
    /// The timer that each `SetTimer` replaces.
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

/// Sends jobs to the actors' thread, in order.
#[derive(Debug, Clone)]
pub(in crate::actors) struct Post(Addr<Carrier>);

impl Post {
    /// Runs `job` on the actors' thread. The admitted calls bound the number of jobs.
    pub(in crate::actors) fn run(&self, job: Task) {
        self.0.do_send(Run(job));
    }
}

/// The actors' thread.
pub struct Runtime {
    carrier: Addr<Carrier>,
    /// The thread, until somebody waits for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
    fast_path: bool,
    /// How often each actor may be restarted.
    intensity: Intensity,
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
            intensity: Intensity::default(),
        })
    }

    /// Lets actors restart as often as they will.
    #[cfg(test)]
    pub(in crate::actors) fn tolerating(mut self, restarts: usize) -> Self {
        self.intensity = Intensity::tolerating(restarts);
        self
    }

    /// The count of restarts that a new actor begins with.
    pub(super) fn intensity(&self) -> Intensity {
        self.intensity.clone()
    }

    /// Ends the thread after the jobs that were sent to it, and waits for that. Jobs sent later are
    /// lost. Must not be called from a job.
    pub(in crate::actors) fn end(&self) {
        self.carrier.do_send(Stop);
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            let _ = thread.join();
        }
    }

    /// The way for messages when the fast path is off.
    pub(in crate::actors) fn post(&self) -> Option<Post> {
        (!self.fast_path).then(|| Post(self.carrier.clone()))
    }

    /// Runs `job` after `delay`.
    pub(in crate::actors) fn after(&self, delay: Duration, job: Task) {
        self.carrier.do_send(RunLater(delay, job));
    }

    /// Runs `job` after `delay`. It replaces the job that was passed here before, if that still
    /// waits.
    pub(in crate::actors) fn set_timer(&self, delay: Duration, job: Task) {
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
