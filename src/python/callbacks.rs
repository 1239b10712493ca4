//! The native threads on which Python callbacks run: in order, behind bounded queues, so that
//! neither the UI thread nor a tokio worker ever waits for the GIL. Plain functions run on one; on
//! the other `async def` ones are started, whatever a plain one is doing.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use pyo3::prelude::*;

pub(crate) use super::callback::Done;
use super::{
    gil, own,
    queue::{ConflatingQueue, Displaced, Key},
};
use crate::host::Host;

/// Posts that may wait.
const CAPACITY: usize = 1024;
/// How long the end of an app may take before what still runs is left behind.
pub(crate) const EXIT_CEILING: Duration = Duration::from_secs(6);
const CALLBACKS_CEILING: Duration = Duration::from_secs(1);
/// The least time between two log lines about lost posts.
const SAMPLE: Duration = Duration::from_secs(1);

pub(crate) type Job = Box<dyn FnOnce(Python<'_>) -> PyResult<()> + Send>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No thread yet: the first post starts it.
    Idle,
    Running,
    /// Runs what is queued, takes nothing new.
    Draining,
    Stopped,
}

/// Where a callback runs.
#[derive(Clone, Copy)]
pub(crate) enum Lane {
    /// Functions that return when they are done.
    Plain,
    /// Those that only start a task on the portal.
    Async,
}

struct State {
    phase: Phase,
    queue: ConflatingQueue<Job>,
    lost: u64,
    thread: Option<thread::JoinHandle<()>>,
}

/// A thread and its queue.
struct Worker {
    name: &'static str,
    state: Mutex<State>,
    changed: Condvar,
}

static WORKERS: [Worker; 2] = [
    Worker::new("transom-callbacks"),
    Worker::new("transom-starter"),
];

impl Worker {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            state: Mutex::new(State {
                phase: Phase::Idle,
                queue: ConflatingQueue::new(CAPACITY),
                lost: 0,
                thread: None,
            }),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&'static self, key: Option<Key>, job: Job) {
        let mut state = self.state();
        let displaced = match state.phase {
            Phase::Draining | Phase::Stopped => Displaced::Stale(job),
            Phase::Idle | Phase::Running => state.queue.push(key, job),
        };
        if matches!(displaced, Displaced::Overflow(_)) {
            state.lost += 1;
        }
        if state.phase == Phase::Idle {
            let spawned = thread::Builder::new()
                .name(self.name.into())
                .spawn(|| self.serve());
            match spawned {
                Ok(handle) => {
                    state.thread = Some(handle);
                    state.phase = Phase::Running;
                }
                Err(err) => log::error!("no thread for Python callbacks: {err}"),
            }
        }
        drop(state);
        self.changed.notify_all();
        // Dropping a job may run code of its own: never under the lock.
        drop(displaced);
    }

    /// Takes nothing new from now on.
    fn close(&self) {
        let mut state = self.state();
        state.phase = match state.phase {
            Phase::Running => Phase::Draining,
            Phase::Idle => Phase::Stopped,
            phase => phase,
        };
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until a closed worker has run what was queued. False: not by then.
    fn join(&self, until: Instant) -> bool {
        let patience = until.saturating_duration_since(Instant::now());
        let (mut state, _) = self
            .changed
            .wait_timeout_while(self.state(), patience, |it| it.phase == Phase::Draining)
            .unwrap_or_else(PoisonError::into_inner);
        let ended = state.phase == Phase::Stopped;
        let thread = state.thread.take();
        drop(state);
        if ended && let Some(thread) = thread {
            // The thread catches its panics, and it has left its loop.
            let _ = thread.join();
        }
        ended
    }

    fn next_job(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.queue.pop() {
                return Some(job);
            }
            if state.phase != Phase::Running {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn serve(&self) {
        let mut told = (0, None::<Instant>);
        while let Some(job) = self.next_job() {
            let run = || {
                gil::attach(|py| {
                    if let Err(err) = job(py) {
                        log_exception(py, "a callback failed", &err);
                    }
                    self.tell_lost(py, &mut told);
                })
            };
            match catch_unwind(AssertUnwindSafe(run)) {
                Ok(Some(())) => {}
                // The interpreter is gone: nobody is left to call.
                Ok(None) => break,
                Err(_) => log::error!("a callback panicked"),
            }
        }
        self.state().phase = Phase::Stopped;
        self.changed.notify_all();
    }

    fn tell_lost(&self, py: Python<'_>, told: &mut (u64, Option<Instant>)) {
        let lost = self.state().lost;
        if lost == told.0 || told.1.is_some_and(|at| at.elapsed() < SAMPLE) {
            return;
        }
        let text = format!(
            "{} events were not delivered to Python callbacks: the callbacks run slower than \
             events come; make them shorter or `async def`",
            lost - told.0
        );
        *told = (lost, Some(Instant::now()));
        if let Ok(logger) = logger(py) {
            let _ = logger.call_method1("warning", ("%s", text));
        }
    }
}

/// Lets posts in again after [`stop`]. The threads themselves start with their first posts.
pub(crate) fn start() {
    for worker in &WORKERS {
        let mut state = worker.state();
        if state.phase == Phase::Stopped {
            state.phase = Phase::Idle;
        }
    }
}

/// Queues `job`, never blocks. A newer post of the same `key` replaces the older one.
pub(crate) fn post(lane: Lane, key: Option<Key>, job: Job) {
    WORKERS[lane as usize].post(key, job);
}

/// Runs what is queued, then ends the threads; gives up after `ceiling` and tells so by `false`.
///
/// Call it without the GIL, from a thread other than the callbacks' own.
pub(crate) fn stop(ceiling: Duration) -> bool {
    let until = Instant::now() + ceiling;
    WORKERS.iter().for_each(Worker::close);
    let late = WORKERS.iter().filter(|worker| !worker.join(until));
    late.count() == 0
}

/// Ends what runs Python for an app: its calls, then its callbacks. Call it without the GIL.
pub(crate) fn end(host: &Host) {
    drain(host, EXIT_CEILING);
    stop_at_exit();
}

/// Ends the calls of an app. Call it without the GIL.
pub(crate) fn drain(host: &Host, patience: Duration) {
    if !host.system.drain(patience) {
        log::warn!("some Python code still runs and is left behind at exit");
    }
}

/// Ends the callbacks of an app. Call it without the GIL.
pub(crate) fn stop_at_exit() {
    stop(CALLBACKS_CEILING);
}

/// Posts lost because callbacks ran slower than events came.
pub(crate) fn lost() -> u64 {
    WORKERS.iter().map(|worker| worker.state().lost).sum()
}

fn logger(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("logging")?
        .call_method1("getLogger", ("transom",))
}

/// Logs `err` with its traceback to the logger `transom`. Never fails. A fork ends with `err`.
pub(crate) fn log_exception(py: Python<'_>, what: &str, err: &PyErr) {
    own::end_fork(py, Some(err));
    let log = || -> PyResult<()> {
        let options = pyo3::types::PyDict::new(py);
        // `into_value` ties the traceback to the exception, which `value` does not.
        options.set_item("exc_info", err.clone_ref(py).into_value(py))?;
        logger(py)?.call_method("error", ("%s", what), Some(&options))?;
        Ok(())
    };
    if let Err(failure) = log() {
        log::error!("{what}: {err}; logging it failed: {failure}");
    }
}
