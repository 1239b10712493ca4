//! Starts the app again when its process has ended.
//!
//! Tauri would start the file of the program. Where that is a Python interpreter, it is the one
//! that a virtual environment was made from, without the app's packages, and Python's clean-up would
//! not run. So another process waits for the end of this one, and becomes the app.

use std::{ffi::OsString, process::Command};

use pyo3::{exceptions::PyRuntimeError, prelude::*};

use super::command;
use crate::python::app::constants::RESTART;

/// How this process starts again.
#[derive(Debug)]
pub(crate) enum RestartMethod {
    /// The program is the app, and Tauri starts it.
    ByTauri,
    /// By this command, which waits for the end of the process.
    By(Vec<OsString>),
    /// There is no command that does, as the text says.
    Impossible(String),
}

impl RestartMethod {
    pub(crate) fn of_this_process(py: Python<'_>) -> PyResult<Self> {
        match command::restart_command(py) {
            Ok(Some(words)) => Ok(Self::By(words)),
            Ok(None) => Ok(Self::ByTauri),
            Err(error) if error.is_instance_of::<PyRuntimeError>(py) => {
                Ok(Self::Impossible(error.value(py).to_string()))
            }
            Err(error) => Err(error),
        }
    }

    /// Starts the process that waits for the end of this one.
    pub(crate) fn prepare(&self) {
        let Self::By(words) = self else {
            return;
        };
        let Some((program, args)) = words.split_first() else {
            return;
        };
        if let Err(error) = Command::new(program).args(args).spawn() {
            log::error!("the app does not start again: {error}");
        }
    }
}

/// The exit code of the process after a request with this code.
pub(crate) fn exit_code(code: i32) -> i32 {
    if code == RESTART { 0 } else { code }
}
