//! The only place that takes or releases the GIL on Rust's own account.
//!
//! No thread that serves the UI, and no tokio worker, may call [`attach`].

use pyo3::prelude::*;

use super::own;

/// Runs `f` with the GIL on one of our own threads.
///
/// `None` when the interpreter is finalising or gone: there is nobody left to serve. A fork that
/// `f` has made, and that comes back here, ends.
pub(crate) fn attach<T>(f: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    Python::try_attach(|py| {
        let value = f(py);
        own::end_fork(py, None);
        value
    })
}

/// Releases the GIL while `f` runs: around everything that may wait for the UI thread.
pub(crate) fn detach<T: Send>(py: Python<'_>, f: impl FnOnce() -> T + Send) -> T {
    py.detach(f)
}
