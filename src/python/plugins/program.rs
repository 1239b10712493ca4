//! Finds out what the operating system starts as this app: an executable of its own, or Python. And
//! names the process after the app.

use pyo3::prelude::*;

/// Names the process as an executable of the app would be named, if its program is a Python
/// interpreter: taskbars group windows by that name and find the app's desktop file, and trays and
/// screen readers show it. GTK must not have started.
#[cfg(all(feature = "python-main", target_os = "linux"))]
pub(crate) fn name_process(py: Python<'_>, config: &tauri::Config) -> PyResult<()> {
    use gtk::glib;

    let product = config.product_name.as_deref().unwrap_or(&config.identifier);
    let program = config.main_binary_name.as_deref().unwrap_or(product);
    let nameable = [product, program].iter().all(|it| !it.contains('\0'));
    // The author, or a library of theirs, may have named it.
    if nameable && glib::prgname().is_none() && is_interpreter(py)? {
        glib::set_prgname(Some(program));
        glib::set_application_name(product);
    }
    Ok(())
}

/// The command that starts this app again, if the program of this process is a Python interpreter.
/// `None`: the program is the app.
#[cfg(feature = "_plugin")]
pub(super) fn start_command(py: Python<'_>) -> PyResult<Option<Vec<String>>> {
    let executable = std::env::current_exe().unwrap_or_default();
    py.import("transom._app.start_command")?
        .call_method1("start_command", (executable,))?
        .extract()
}

/// Whether the program of this process is a Python interpreter.
#[cfg(any(feature = "_plugin", target_os = "linux"))]
pub(super) fn is_interpreter(py: Python<'_>) -> PyResult<bool> {
    let executable = std::env::current_exe().unwrap_or_default();
    py.import("transom._app.start_command")?
        .call_method1("is_interpreter", (executable,))?
        .extract()
}

/// The arguments of a command line of this app without those of the interpreter: the script or
/// module, then the arguments that the app itself reads.
#[cfg(feature = "_plugin")]
pub(super) fn arguments(py: Python<'_>, command_line: Vec<String>) -> PyResult<Vec<String>> {
    if !is_interpreter(py)? {
        return Ok(command_line);
    }
    py.import("transom._app.start_command")?
        .call_method1("arguments", (command_line,))?
        .extract()
}
