//! Rust's log records on their way to Python's `logging`: a bounded queue, and a thread of Python
//! that empties it. Who logs never waits for that thread, nor for the GIL: but the threads of worker
//! processes, which have all that a worker writes to bring there.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;

use super::{
    gil,
    own::check_process,
    sampler::{Sampler, Verdict},
};
use crate::workers::RECORD;

/// Lines that may wait for Python.
const CAPACITY: usize = 1024;
/// Of these, lines that worker processes have written: theirs must not push out the app's own.
const OF_WORKERS: usize = CAPACITY / 2;
/// Bytes of lines that may wait, beyond which a worker's next one does not.
const BYTES: usize = 8 << 20;
/// How long the thread of a worker waits for Python to take lines. Meanwhile the worker's output is not
/// read, and once its pipe is full the worker waits too.
const PATIENCE: Duration = Duration::from_secs(5);
/// Characters of a line; those of a worker come in pieces of no more bytes.
const LONGEST: usize = 8 * 1024;

/// `(level as in Python, target, text)`. Without a level the text is JSON: a record of the `logging` of
/// a worker.
type Line = (Option<u8>, String, String);

struct State {
    lines: VecDeque<Line>,
    /// Of the lines.
    bytes: usize,
    sampler: Sampler,
    lost: u64,
    /// Python has taken no line for as long as a worker waits.
    stuck: bool,
    /// Whether there is a thread to empty the queue, or there will be.
    open: bool,
}

impl State {
    fn has_room(&self, of_a_worker: bool) -> bool {
        let lines = if of_a_worker { OF_WORKERS } else { CAPACITY };
        self.lines.len() < lines && (!of_a_worker || self.bytes < BYTES)
    }
}

struct Forwarder {
    state: Mutex<State>,
    changed: Condvar,
    /// Python has taken the lines.
    taken: Condvar,
}

static FORWARDER: Forwarder = Forwarder {
    state: Mutex::new(State {
        lines: VecDeque::new(),
        bytes: 0,
        sampler: Sampler::new(),
        lost: 0,
        stuck: false,
        open: true,
    }),
    changed: Condvar::new(),
    taken: Condvar::new(),
};

impl Forwarder {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// On the thread of a worker: waits for room, as long as that makes sense.
    fn wait_for_room<'a>(&'a self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let no_room = |state: &mut State| state.open && !state.stuck && !state.has_room(true);
        let waited = self.taken.wait_timeout_while(state, PATIENCE, no_room);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        state.stuck |= waited.timed_out();
        state
    }
}

fn is_ours(target: &str) -> bool {
    target.split("::").next() == Some(env!("CARGO_PKG_NAME"))
}

/// Whether a worker process has written it: each line is news of its own, as those of a traceback.
fn is_of_a_worker(record: &Record<'_>) -> bool {
    value(record, "worker").is_some()
}

fn value(record: &Record<'_>, key: &str) -> Option<String> {
    let value = record.key_values().get(log::kv::Key::from_str(key));
    value.map(|it| it.to_string())
}

impl Log for Forwarder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let level = metadata.level();
        level <= log::max_level() && (level <= Level::Warn || is_ours(metadata.target()))
    }

    fn log(&self, record: &Record<'_>) {
        // What a worker's `logging` has let through, only that of the host can refuse.
        let whole = value(record, RECORD);
        if whole.is_none() && !self.enabled(record.metadata()) {
            return;
        }
        let mut text = record.args().to_string();
        let mut state = self.state();
        let of_a_worker = is_of_a_worker(record);
        if of_a_worker {
            state = self.wait_for_room(state);
        }
        if record.level() <= Level::Warn && !of_a_worker {
            match state.sampler.judge(&kind_of(record), Instant::now()) {
                Verdict::Silent => return,
                Verdict::Speak { silenced: 0 } => {}
                Verdict::Speak { silenced } => text += &format!(" (and {silenced} more like it)"),
            }
        }
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
        }
        if state.has_room(of_a_worker) {
            let target = record.target().to_owned();
            let line = match whole {
                Some(whole) => (None, target, whole),
                None => (Some(python_level(record.level())), target, text),
            };
            state.bytes += line.2.len();
            state.lines.push_back(line);
        } else {
            state.lost += 1;
        }
        drop(state);
        self.changed.notify_one();
    }

    fn flush(&self) {}
}

/// What makes two records the same news: where they are written, and these of their values.
const TELLING: [&str; 3] = ["code", "window", "pool"];

fn kind_of(record: &Record<'_>) -> String {
    let file = record.file().unwrap_or(record.target());
    let place = format!("{file}:{}", record.line().unwrap_or_default());
    TELLING.iter().fold(place, |kind, key| {
        kind + ":" + &value(record, key).unwrap_or_default()
    })
}

const fn python_level(level: Level) -> u8 {
    match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug => 10,
        Level::Trace => 5,
    }
}

const fn rust_level(python: u8) -> LevelFilter {
    match python {
        0..=5 => LevelFilter::Trace,
        6..=10 => LevelFilter::Debug,
        11..=20 => LevelFilter::Info,
        21..=30 => LevelFilter::Warn,
        31..=40 => LevelFilter::Error,
        _ => LevelFilter::Off,
    }
}

/// Lines that were lost because Python took them slower than they came.
pub(super) fn lost() -> u64 {
    FORWARDER.state().lost
}

/// Makes Rust's records, from `level` (as in Python) on, come out of `take_logs`. False: the app
/// has a logger for them already.
#[pyfunction]
fn forward_logs(level: u8) -> PyResult<bool> {
    check_process()?;
    if log::set_logger(&FORWARDER).is_err() && !std::ptr::addr_eq(log::logger(), &FORWARDER) {
        return Ok(false);
    }
    log::set_max_level(rust_level(level));
    FORWARDER.state().open = true;
    Ok(true)
}

/// Waits for lines, without the GIL: `(level, target, text)`. `None`: closed, and nothing is left.
#[pyfunction]
fn take_logs(py: Python<'_>) -> PyResult<Option<Vec<Line>>> {
    check_process()?;
    Ok(gil::detach(py, || {
        let closed_or_full = |state: &mut State| state.open && state.lines.is_empty();
        let mut state = FORWARDER
            .changed
            .wait_while(FORWARDER.state(), closed_or_full)
            .unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<_> = state.lines.drain(..).collect();
        state.bytes = 0;
        state.stuck = false;
        drop(state);
        FORWARDER.taken.notify_all();
        (!lines.is_empty()).then_some(lines)
    }))
}

/// Lets `take_logs` end; what comes later waits for the next `forward_logs`. What was said of one app
/// silences nothing of the next.
#[pyfunction]
fn close_logs() -> PyResult<()> {
    check_process()?;
    let mut state = FORWARDER.state();
    state.open = false;
    state.sampler = Sampler::new();
    drop(state);
    FORWARDER.changed.notify_all();
    FORWARDER.taken.notify_all();
    Ok(())
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(forward_logs, module)?)?;
    module.add_function(wrap_pyfunction!(take_logs, module)?)?;
    module.add_function(wrap_pyfunction!(close_logs, module)?)
}
