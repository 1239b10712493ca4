//! Finds out what the operating system starts as this app: an executable of its own, or Python.

use pyo3::prelude::*;

/// The command that starts this app again, if the program of this process is a Python interpreter.
/// `None`: the program is the app.
pub(super) fn start_command(py: Python<'_>) -> PyResult<Option<Vec<String>>> {
    let executable = std::env::current_exe().unwrap_or_default();
    py.import("transom._app.start_command")?
        .call_method1("start_command", (executable,))?
        .extract()
}

/// Whether the program of this process is a Python interpreter.
pub(super) fn is_interpreter(py: Python<'_>) -> PyResult<bool> {
    let executable = std::env::current_exe().unwrap_or_default();
    py.import("transom._app.start_command")?
        .call_method1("is_interpreter", (executable,))?
        .extract()
}

/// The arguments of a command line of this app without those of the interpreter: the script or
/// module, then the arguments that the app itself reads.
pub(super) fn arguments(py: Python<'_>, command_line: Vec<String>) -> PyResult<Vec<String>> {
    if !is_interpreter(py)? {
        return Ok(command_line);
    }
    py.import("transom._app.start_command")?
        .call_method1("arguments", (command_line,))?
        .extract()
}
