//! Runs the two threads that call Python callbacks, so that no other thread waits for the GIL.
//!
//! The posts wait in order, in bounded queues. Neither the UI thread nor a tokio worker ever waits
//! for the GIL. One thread runs plain functions. The other starts `async def` ones, even while a
//! plain one runs.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use pyo3::prelude::*;

use super::{
    errand::Errand,
    queue::{CallbackQueue, CoalesceKey, Displaced},
};
use crate::python::{
    events::{event_queue, losses::Losses},
    gil, own,
};

/// How many posts may wait, besides the events of listeners.
const CAPACITY: usize = 1024;

/// Makes the call when its turn comes. `None`: there is nothing to call any more.
pub(crate) type Posted = Box<dyn FnOnce(Python<'_>) -> PyResult<Option<Errand>> + Send>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum ThreadPhase {
    /// There is no thread yet. The first callback starts it.
    Idle,
    Running,
    /// It runs what is queued, and takes nothing new.
    Draining,
    Stopped,
}

/// The thread on which a callback runs.
#[derive(Clone, Copy)]
pub(crate) enum CallbackLane {
    /// The thread for functions that are done when they return.
    Plain,
    /// The thread for functions that only start a task on the portal.
    Async,
}

impl CallbackLane {
    pub(crate) const fn of(is_async: bool) -> Self {
        if is_async { Self::Async } else { Self::Plain }
    }
}

struct ThreadState {
    phase: ThreadPhase,
    queue: CallbackQueue<Posted>,
    lost: Losses,
}

/// The queue of one thread.
struct CallbackThread {
    name: &'static str,
    state: Mutex<ThreadState>,
    changed: Condvar,
}

static WORKERS: [CallbackThread; 2] = [
    CallbackThread::new("transom-callbacks"),
    CallbackThread::new("transom-starter"),
];

impl CallbackThread {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            state: Mutex::new(ThreadState {
                phase: ThreadPhase::Idle,
                queue: CallbackQueue::new(CAPACITY),
                lost: Losses::new(),
            }),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, ThreadState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(
        &self,
        job: Posted,
        push: impl FnOnce(&mut CallbackQueue<Posted>, Posted) -> Displaced<Posted>,
    ) {
        let mut state = self.state();
        let displaced = match state.phase {
            ThreadPhase::Draining | ThreadPhase::Stopped => Displaced::Stale(job),
            ThreadPhase::Idle | ThreadPhase::Running => push(&mut state.queue, job),
        };
        if matches!(displaced, Displaced::Overflow(_)) {
            state.lost.add();
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
            ThreadPhase::Running => ThreadPhase::Draining,
            ThreadPhase::Idle => ThreadPhase::Stopped,
            phase => phase,
        };
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until a closed thread has run what was queued. False: it has not by `until`, and what
    /// still waits never runs.
    fn join(&self, until: Instant) -> bool {
        let patience = until.saturating_duration_since(Instant::now());
        let (mut state, _) = self
            .changed
            .wait_timeout_while(self.state(), patience, |it| {
                it.phase == ThreadPhase::Draining
            })
            .unwrap_or_else(PoisonError::into_inner);
        let (left, stopped) = (state.queue.take(), state.phase == ThreadPhase::Stopped);
        drop(state);
        drop(left);
        stopped
    }

    /// Waits for a job. `None`: the thread ends.
    fn next_job(&self) -> Option<Posted> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.queue.pop() {
                if let Some(lost) = state.lost.due() {
                    tell_lost(lost);
                }
                return Some(job);
            }
            if state.phase != ThreadPhase::Running {
                break;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.phase = ThreadPhase::Stopped;
        drop(state);
        self.changed.notify_all();
        None
    }

    /// Starts the Python thread that takes the jobs, if there is none.
    fn start(&self, py: Python<'_>, lane: CallbackLane) -> PyResult<()> {
        let mut state = self.state();
        if state.phase != ThreadPhase::Idle {
            return Ok(());
        }
        state.phase = ThreadPhase::Running;
        drop(state);
        let started = py
            .import("transom._app.callbacks")
            .and_then(|module| module.call_method1("serve", (lane as usize, self.name)));
        if started.is_err() {
            self.state().phase = ThreadPhase::Idle;
        }
        started.map(drop)
    }
}

fn tell_lost(lost: u64) {
    log::warn!(
        "{lost} events were not delivered to Python callbacks: the callbacks run slower than events \
         come; make them shorter or `async def`"
    );
}

/// Waits, without the GIL, for the next callback of a lane: `(func, args, done)`. `None`: no more
/// come, and the thread ends.
#[pyfunction]
#[pyo3(signature = (lane, /))]
fn take_callback(py: Python<'_>, lane: usize) -> PyResult<Option<Errand>> {
    let Some(worker) = WORKERS.get(lane) else {
        return Ok(None);
    };
    while let Some(job) = gil::detach(py, || worker.next_job()) {
        let _visit = gil::visit(py);
        if let Some(errand) = job(py)? {
            return Ok(Some(errand));
        }
    }
    Ok(None)
}

/// Starts the thread of a lane, if there is none.
pub(crate) fn serve(py: Python<'_>, lane: CallbackLane) -> PyResult<()> {
    WORKERS[lane as usize].start(py, lane)
}

/// Allows posts again after [`stop`]. The threads start with their first callbacks.
pub(crate) fn start() {
    for worker in &WORKERS {
        let mut state = worker.state();
        if state.phase == ThreadPhase::Stopped {
            state.phase = ThreadPhase::Idle;
        }
    }
}

/// Queues `job`, without blocking. A newer post with the same `key` replaces the older one.
pub(crate) fn post(lane: CallbackLane, key: Option<CoalesceKey>, job: Posted) {
    WORKERS[lane as usize].post(job, |queue, job| queue.push(key, job));
}

/// Queues `job` for the event of a listener, which limits the number of its events. It displaces
/// nothing, and is not displaced.
pub(crate) fn post_event(lane: CallbackLane, job: Posted) {
    WORKERS[lane as usize].post(job, |queue, job| {
        queue.push_event(job);
        Displaced::Nothing
    });
}

/// Lets the queued callbacks run, then the threads end. False: they have not within `ceiling`.
///
/// Call it without the GIL, and not from a callback thread.
pub(crate) fn stop(ceiling: Duration) -> bool {
    let until = Instant::now() + ceiling;
    WORKERS.iter().for_each(CallbackThread::close);
    let late = WORKERS.iter().filter(|worker| !worker.join(until));
    late.count() == 0
}

/// The number of posts that were lost because callbacks were slower than events.
pub(crate) fn lost() -> u64 {
    let of_workers: u64 = WORKERS.iter().map(|it| it.state().lost.all()).sum();
    of_workers + event_queue::lost()
}

fn logger(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("logging")?
        .call_method1("getLogger", ("transom",))
}

/// Logs `err` with its traceback to the logger `transom`. Never fails. In a fork, the process ends
/// with `err`.
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

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(take_callback, module)?)
}
