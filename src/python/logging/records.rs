//! Forwards Rust's log records to Python's `logging`, by a bounded queue and a Python thread.
//!
//! Code that logs never waits for that thread or for the GIL. The exception are the threads of
//! worker processes, which must deliver everything that a worker writes.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;

use super::rate_limit::{RateLimitDecision, Sampler};
use crate::python::{gil, own::check_process};
use crate::workers::RECORD;

/// How many lines may wait for Python.
const CAPACITY: usize = 1024;
/// How many of these may come from worker processes, so that they do not push out the app's own.
const OF_WORKERS: usize = CAPACITY / 2;
/// How many bytes of lines may wait before a worker has to wait.
const BYTES: usize = 8 << 20;
/// How long the thread of a worker waits for Python to take lines. Meanwhile the worker's output is
/// not read, and once its pipe is full the worker waits too.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest line in characters. Longer lines of a worker are split at this number of bytes.
const LONGEST: usize = 8 * 1024;

/// `(level as in Python, target, text)`. Without a level, the text is JSON: a whole record of a
/// worker's `logging`.
type Line = (Option<u8>, String, String);

struct RecordBuffer {
    lines: VecDeque<Line>,
    /// The bytes of the lines.
    bytes: usize,
    sampler: Sampler,
    lost: u64,
    /// Whether Python has taken no line for as long as a worker waits.
    stuck: bool,
    /// Whether there is, or will be, a thread that empties the queue.
    open: bool,
}

impl RecordBuffer {
    fn has_room(&self, of_a_worker: bool) -> bool {
        let lines = if of_a_worker { OF_WORKERS } else { CAPACITY };
        self.lines.len() < lines && (!of_a_worker || self.bytes < BYTES)
    }
}

struct Forwarder {
    state: Mutex<RecordBuffer>,
    changed: Condvar,
    /// Notified when Python has taken the lines.
    taken: Condvar,
}

static FORWARDER: Forwarder = Forwarder {
    state: Mutex::new(RecordBuffer {
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
    fn state(&self) -> MutexGuard<'_, RecordBuffer> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room, on the thread of a worker, as long as that makes sense.
    fn wait_for_room<'a>(
        &'a self,
        state: MutexGuard<'a, RecordBuffer>,
    ) -> MutexGuard<'a, RecordBuffer> {
        let no_room =
            |state: &mut RecordBuffer| state.open && !state.stuck && !state.has_room(true);
        let waited = self.taken.wait_timeout_while(state, PATIENCE, no_room);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        state.stuck |= waited.timed_out();
        state
    }
}

/// The target of what pages log by the plugin `log`.
const OF_PAGES: &str = "webview";

fn crate_of(target: &str) -> &str {
    target.split("::").next().unwrap_or(target)
}

fn is_ours(target: &str) -> bool {
    [env!("CARGO_PKG_NAME"), OF_PAGES].contains(&crate_of(target))
}

/// Whether a worker process has written the record. Its lines are not rate-limited: each one
/// counts, as in a traceback.
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
        // A page has no say in what its record is: it chooses all values of it.
        let of_a_page = crate_of(record.target()) == OF_PAGES;
        let whole = value(record, RECORD).filter(|_| !of_a_page);
        if whole.is_none() && !self.enabled(record.metadata()) {
            return;
        }
        let mut text = record.args().to_string();
        let mut state = self.state();
        let of_a_worker = !of_a_page && is_of_a_worker(record);
        if of_a_worker {
            state = self.wait_for_room(state);
        }
        if record.level() <= Level::Warn && !of_a_worker && !of_a_page {
            match state.sampler.judge(&kind_of(record), Instant::now()) {
                RateLimitDecision::Silent => return,
                RateLimitDecision::Speak { silenced: 0 } => {}
                RateLimitDecision::Speak { silenced } => {
                    text += &format!(" (and {silenced} more like it)")
                }
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

/// The values that, with the source location, make two records the same kind.
const TELLING: [&str; 4] = ["code", "window", "pool", "event"];

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

/// The number of lines that were lost because Python was slower than they came.
pub(crate) fn lost() -> u64 {
    FORWARDER.state().lost
}

/// Sends Rust's records from `level` (as in Python) on to `take_logs`. False: the app has another
/// logger for them already.
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
        let closed_or_full = |state: &mut RecordBuffer| state.open && state.lines.is_empty();
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

/// Ends `take_logs`. Later records wait for the next `forward_logs`. The rate limits are reset, so
/// that one app does not silence lines of the next.
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

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(forward_logs, module)?)?;
    module.add_function(wrap_pyfunction!(take_logs, module)?)?;
    module.add_function(wrap_pyfunction!(close_logs, module)?)
}
