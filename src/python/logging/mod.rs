//! Forwards Rust's log records to Python's `logging`.

#[cfg(feature = "wheel")]
use pyo3::prelude::*;

pub(crate) mod rate_limit;
pub(crate) mod records;

/// Logs each of these lines as a warning of the logger `transom`.
#[cfg(feature = "wheel")]
pub(crate) fn warn(py: Python<'_>, lines: &[String]) -> PyResult<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let logging = py.import("logging")?;
    let logger = logging.call_method1("getLogger", ("transom",))?;
    for line in lines {
        logger.call_method1("warning", ("%s", line))?;
    }
    Ok(())
}
