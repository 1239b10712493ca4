//! Rust's log records on their way to Python's `logging`: a bounded queue, and a thread of Python
//! that empties it. Who logs never waits for that thread, nor for the GIL.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;

use super::{
    gil,
    sampler::{Sampler, Verdict},
};

/// Lines that may wait for Python.
const CAPACITY: usize = 1024;
/// Of these, lines that worker processes have written: theirs must not push out the app's own.
const OF_WORKERS: usize = CAPACITY / 2;
/// Characters of a line.
const LONGEST: usize = 4096;

/// `(level as in Python, target, text)`.
type Line = (u8, String, String);

struct State {
    lines: VecDeque<Line>,
    sampler: Sampler,
    lost: u64,
    /// Whether there is a thread to empty the queue, or there will be.
    open: bool,
}

struct Forwarder {
    state: Mutex<State>,
    changed: Condvar,
}

static FORWARDER: Forwarder = Forwarder {
    state: Mutex::new(State {
        lines: VecDeque::new(),
        sampler: Sampler::new(),
        lost: 0,
        open: true,
    }),
    changed: Condvar::new(),
};

impl Forwarder {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut text = record.args().to_string();
        let mut state = self.state();
        let of_a_worker = is_of_a_worker(record);
        let room = if of_a_worker { OF_WORKERS } else { CAPACITY };
        if record.level() <= Level::Warn && !of_a_worker {
            match state.sampler.judge(&Kind::of(record), Instant::now()) {
                Verdict::Silent => return,
                Verdict::Speak { silenced: 0 } => {}
                Verdict::Speak { silenced } => text += &format!(" (and {silenced} more like it)"),
            }
        }
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
        }
        if state.lines.len() < room {
            let target = record.target().to_owned();
            state
                .lines
                .push_back((python_level(record.level()), target, text));
        } else {
            state.lost += 1;
        }
        drop(state);
        self.changed.notify_one();
    }

    fn flush(&self) {}
}

/// What makes two records the same news: where they are written, the code, and the window.
struct Kind;

impl Kind {
    fn of(record: &Record<'_>) -> String {
        format!(
            "{}:{}:{}:{}",
            record.file().unwrap_or(record.target()),
            record.line().unwrap_or_default(),
            value(record, "code").unwrap_or_default(),
            value(record, "window").unwrap_or_default()
        )
    }
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
fn forward_logs(level: u8) -> bool {
    if log::set_logger(&FORWARDER).is_err() && !std::ptr::addr_eq(log::logger(), &FORWARDER) {
        return false;
    }
    log::set_max_level(rust_level(level));
    FORWARDER.state().open = true;
    true
}

/// Waits for lines, without the GIL: `(level, target, text)`. `None`: closed, and nothing is left.
#[pyfunction]
fn take_logs(py: Python<'_>) -> Option<Vec<Line>> {
    gil::detach(py, || {
        let closed_or_full = |state: &mut State| state.open && state.lines.is_empty();
        let mut state = FORWARDER
            .changed
            .wait_while(FORWARDER.state(), closed_or_full)
            .unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<_> = state.lines.drain(..).collect();
        (!lines.is_empty()).then_some(lines)
    })
}

/// Lets `take_logs` end; what comes later waits for the next `forward_logs`.
#[pyfunction]
fn close_logs() {
    FORWARDER.state().open = false;
    FORWARDER.changed.notify_all();
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(forward_logs, module)?)?;
    module.add_function(wrap_pyfunction!(take_logs, module)?)?;
    module.add_function(wrap_pyfunction!(close_logs, module)?)
}
