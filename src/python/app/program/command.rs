//! Asks Python for the commands that start this app, if its program is a Python interpreter.

#[cfg(feature = "python-main")]
use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::{call::PyCallArgs, prelude::*};

/// The program of this process.
fn executable() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

fn call<'py>(
    py: Python<'py>,
    name: &str,
    args: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    py.import("transom._program.command")?
        .call_method1(name, args)
}

/// Whether the program of this process is a Python interpreter.
pub(crate) fn is_interpreter(py: Python<'_>) -> PyResult<bool> {
    call(py, "is_interpreter", (executable(),))?.extract()
}

/// The command that starts this app, without its arguments. `None`: the program is the app.
#[cfg(feature = "_plugin")]
pub(crate) fn start_command(py: Python<'_>) -> PyResult<Option<Vec<String>>> {
    call(py, "start_command", (executable(),))?.extract()
}

/// The command that waits for the end of this process and becomes the app, as it was started.
/// `None`: the program is the app. `RuntimeError`: there is no such command.
#[cfg(feature = "python-main")]
pub(crate) fn restart_command(py: Python<'_>) -> PyResult<Option<Vec<OsString>>> {
    call(py, "restart_command", (executable(),))?.extract()
}

/// The arguments of a command line of this app without those of the interpreter: the script or
/// module, then the arguments that the app itself reads.
#[cfg(feature = "_plugin")]
pub(crate) fn arguments(py: Python<'_>, command_line: Vec<String>) -> PyResult<Vec<String>> {
    if !is_interpreter(py)? {
        return Ok(command_line);
    }
    call(py, "arguments", (command_line,))?.extract()
}
