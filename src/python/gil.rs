//! Takes and releases the GIL; no other module does. Also keeps threads out at interpreter exit.
//!
//! No thread that serves the UI, and no tokio worker, may call [`attach`].
//!
//! Before Python 3.14, CPython unwinds a thread that wants the GIL back while the interpreter
//! finalizes, through whatever frames lie below, and Rust's frames abort the process. So
//! `close_gate` is the last thing that runs before that: from then on no thread comes in, and those
//! that were in have left.

use std::{
    cell::Cell,
    convert::Infallible,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use pyo3::prelude::*;

use super::own;

/// How often `close_gate` checks whether all threads have left.
const TICK: Duration = Duration::from_millis(2);

static CLOSED: AtomicBool = AtomicBool::new(false);
/// How many threads are where Python code may run above our stack frames.
static VISITS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How deeply visits of this thread are nested.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Whether this thread has released the GIL meanwhile, and does not count.
    static AWAY: Cell<bool> = const { Cell::new(false) };
    /// Whether this thread is the one that ends the interpreter.
    static ENDS_IT: Cell<bool> = const { Cell::new(false) };
}

/// Counts this thread as one that may run Python code above our stack frames. Every method that may
/// run such code holds one.
#[must_use]
pub(crate) struct Visit(());

/// Begins a visit. If the interpreter ends, this never returns: the thread waits, without the GIL,
/// for the end of the process.
pub(crate) fn visit(py: Python<'_>) -> Visit {
    if !enter() {
        py.detach(park);
    }
    Visit(())
}

impl Drop for Visit {
    fn drop(&mut self) {
        leave();
    }
}

/// Comes in. False: the gate is closed, and this thread was not in.
fn enter() -> bool {
    if DEPTH.get() == 0 && !come_in() {
        return false;
    }
    DEPTH.set(DEPTH.get() + 1);
    true
}

fn leave() {
    DEPTH.set(DEPTH.get() - 1);
    if DEPTH.get() == 0 && !AWAY.get() {
        VISITS.fetch_sub(1, Ordering::SeqCst);
    }
}

fn come_in() -> bool {
    // Counted first: either this sees that the gate is closed, or who closes it sees this.
    VISITS.fetch_add(1, Ordering::SeqCst);
    let open = !CLOSED.load(Ordering::SeqCst) || ENDS_IT.get();
    if !open {
        VISITS.fetch_sub(1, Ordering::SeqCst);
    }
    open
}

fn park() -> Infallible {
    loop {
        thread::park();
    }
}

/// Closes the gate, as the last thing before the interpreter finalizes: it lets no thread in except
/// this one, and waits until all have left. False: some have not, within `seconds`.
#[pyfunction]
#[pyo3(signature = (seconds, /))]
fn close_gate(py: Python<'_>, seconds: f64) -> bool {
    ENDS_IT.set(true);
    CLOSED.store(true, Ordering::SeqCst);
    let until = Instant::now() + Duration::try_from_secs_f64(seconds).unwrap_or_default();
    py.detach(|| {
        while VISITS.load(Ordering::SeqCst) > 0 {
            if Instant::now() >= until {
                return false;
            }
            thread::sleep(TICK);
        }
        true
    })
}

/// Runs `f` with the GIL on one of our own threads. If the interpreter ends, this never returns.
///
/// `None`: the interpreter is finalizing or gone, and nobody is left to serve. If `f` has forked
/// the process, the fork ends here.
pub(crate) fn attach<T>(f: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    let outer = (DEPTH.replace(0), AWAY.replace(false));
    if !enter() {
        park();
    }
    let visit = Visit(());
    let result = Python::try_attach(|py| {
        let value = f(py);
        own::end_fork(py, None);
        value
    });
    drop(visit);
    DEPTH.set(outer.0);
    AWAY.set(outer.1);
    result
}

/// Releases the GIL while `f` runs. Needed around everything that may wait for the UI thread.
pub(crate) fn detach<T: Send>(py: Python<'_>, f: impl FnOnce() -> T + Send) -> T {
    if DEPTH.get() == 0 || AWAY.get() {
        return py.detach(f);
    }
    // No Python code runs above these frames meanwhile.
    VISITS.fetch_sub(1, Ordering::SeqCst);
    AWAY.set(true);
    py.detach(|| {
        let result = f();
        // `f` may have ended the visit.
        if DEPTH.get() > 0 && !come_in() {
            park();
        }
        AWAY.set(false);
        result
    })
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(close_gate, module)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_within_a_visit_counts_once() {
        assert!(enter());
        assert!(enter());
        assert_eq!(DEPTH.get(), 2);
        leave();
        leave();
        assert_eq!(DEPTH.get(), 0);
    }
}
