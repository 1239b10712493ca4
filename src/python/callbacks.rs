//! What waits for the two threads of Python's that call callbacks: in order, in bounded queues, so
//! that neither the UI thread nor a tokio worker ever waits for the GIL. On one thread plain
//! functions run; on the other `async def` ones are started, whatever a plain one is doing.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use pyo3::prelude::*;

pub(crate) use super::callback::Done;
use super::{
    callback::Errand,
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

pub(crate) type Job = Box<dyn FnOnce(Python<'_>) -> PyResult<Errand> + Send>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No thread yet: the first callback starts it.
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

impl Lane {
    pub(crate) const fn of(is_async: bool) -> Self {
        if is_async { Self::Async } else { Self::Plain }
    }
}

struct State {
    phase: Phase,
    queue: ConflatingQueue<Job>,
    lost: u64,
    /// How many lost ones the log knows of, and since when.
    told: (u64, Option<Instant>),
}

/// The queue of one thread.
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
                told: (0, None),
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
        let (state, _) = self
            .changed
            .wait_timeout_while(self.state(), patience, |it| it.phase == Phase::Draining)
            .unwrap_or_else(PoisonError::into_inner);
        state.phase == Phase::Stopped
    }

    /// Waits for a job. `None`: the worker has ended.
    fn next_job(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.queue.pop() {
                state.tell_lost();
                return Some(job);
            }
            if state.phase != Phase::Running {
                break;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.phase = Phase::Stopped;
        drop(state);
        self.changed.notify_all();
        None
    }

    /// Starts the thread of Python's that takes the jobs, if there is none.
    fn start(&self, py: Python<'_>, lane: Lane) -> PyResult<()> {
        let mut state = self.state();
        if state.phase != Phase::Idle {
            return Ok(());
        }
        state.phase = Phase::Running;
        drop(state);
        let started = py
            .import("transom._callbacks")
            .and_then(|module| module.call_method1("serve", (lane as usize, self.name)));
        if started.is_err() {
            self.state().phase = Phase::Idle;
        }
        started.map(drop)
    }
}

impl State {
    fn tell_lost(&mut self) {
        let (known, at) = self.told;
        if self.lost == known || at.is_some_and(|at| at.elapsed() < SAMPLE) {
            return;
        }
        self.told = (self.lost, Some(Instant::now()));
        log::warn!(
            "{} events were not delivered to Python callbacks: the callbacks run slower than \
             events come; make them shorter or `async def`",
            self.lost - known
        );
    }
}

/// Waits, without the GIL, for the next callback of a lane: `(func, args, done)`. `None`: there come
/// no more, and the thread ends.
#[pyfunction]
#[pyo3(signature = (lane, /))]
fn take_callback(py: Python<'_>, lane: usize) -> PyResult<Option<Errand>> {
    let Some(worker) = WORKERS.get(lane) else {
        return Ok(None);
    };
    let job = gil::detach(py, || worker.next_job());
    let _visit = gil::visit(py);
    job.map(|job| job(py)).transpose()
}

/// Starts the thread of a lane, if there is none.
pub(super) fn serve(py: Python<'_>, lane: Lane) -> PyResult<()> {
    WORKERS[lane as usize].start(py, lane)
}

/// Lets posts in again after [`stop`]. The threads themselves start with their first callbacks.
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

/// Lets what is queued run, then the threads end; gives up after `ceiling` and tells so by `false`.
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

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(take_callback, module)?)
}
