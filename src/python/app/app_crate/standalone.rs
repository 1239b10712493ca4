//! Runs an app's Python program in the app's own executable, as `python -m my_app` does elsewhere.
//!
//! ```no_run
//! # mod my_app { #[pyo3::pymodule] pub mod ext_mod {} }
//! use std::{convert::Infallible, env, error::Error, path::PathBuf, process};
//!
//! use my_app::ext_mod;
//! use transom::standalone::{PythonInterpreterBuilder, PythonInterpreterEnv, PythonScript};
//!
//! fn main() -> Result<Infallible, Box<dyn Error>> {
//!     // An app that is shipped takes `PythonInterpreterEnv::Standalone` with its resource folder.
//!     let environment = PythonInterpreterEnv::Venv(PathBuf::from(env::var("VIRTUAL_ENV")?));
//!     let script = PythonScript::Module("my_app".into());
//!     let builder = PythonInterpreterBuilder::new(environment, script, |py| {
//!         pyo3::wrap_pymodule!(ext_mod)(py)
//!     });
//!     process::exit(builder.build()?.run())
//! }
//! ```
//!
//! The interpreter is the one that the executable is linked to, run by Python's own main function:
//! arguments, exit codes, signals and the interpreter's end are as of `python`. `sys.executable` is
//! the Python of the environment, which is what worker processes and `multiprocessing` start.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

pub use dunce;
#[cfg(not(windows))]
use pyo3::ffi::Py_BytesMain as python_main;
#[cfg(windows)]
use pyo3::ffi::Py_Main as python_main;
use pyo3::{append_to_inittab, ffi, prelude::*};

use super::environment::{Argument, command_line, pointer};
pub use super::environment::{NewInterpreterError, PythonInterpreterEnv, PythonScript};

/// The module that is built into the interpreter. `python/transom/_library.py` knows its name.
pub(super) const MODULE: &str = "_transom_app";

type MakeModule = Box<dyn Fn(Python<'_>) -> Py<PyModule> + Send + Sync>;

/// What makes the app's extension module.
static MAKE: OnceLock<MakeModule> = OnceLock::new();

/// Whether the extension module of this process's executable is in this library.
pub(super) fn is_here() -> bool {
    MAKE.get().is_some()
}

/// Makes the [`PythonInterpreter`] of an app's executable.
#[must_use]
pub struct PythonInterpreterBuilder {
    environment: PythonInterpreterEnv,
    script: PythonScript,
    make: MakeModule,
}

impl fmt::Debug for PythonInterpreterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PythonInterpreterBuilder")
            .field("environment", &self.environment)
            .field("script", &self.script)
            .finish_non_exhaustive()
    }
}

impl PythonInterpreterBuilder {
    /// `ext_mod` gives the app's extension module, which called
    /// [`pymodule_export`](crate::pymodule_export): `|py| wrap_pymodule!(ext_mod)(py)`.
    pub fn new(
        environment: PythonInterpreterEnv,
        script: PythonScript,
        ext_mod: impl Fn(Python<'_>) -> Py<PyModule> + Send + Sync + 'static,
    ) -> Self {
        Self {
            environment,
            script,
            make: Box::new(ext_mod),
        }
    }

    /// Prepares the interpreter, with the arguments of this process for `sys.argv`.
    pub fn build(self) -> Result<PythonInterpreter, NewInterpreterError> {
        static BUILT: AtomicBool = AtomicBool::new(false);
        let command = command_line(&self.environment, &self.script)?;
        if BUILT.swap(true, Ordering::AcqRel) || is_initialized() || MAKE.set(self.make).is_err() {
            return Err(NewInterpreterError::Second);
        }
        append_to_inittab!(_transom_app);
        Ok(PythonInterpreter { command })
    }
}

/// A Python interpreter that is ready to run the app.
#[derive(Debug)]
#[must_use]
pub struct PythonInterpreter {
    command: Vec<Argument>,
}

impl PythonInterpreter {
    /// Runs the script on this thread, which must be the main one, and ends the interpreter. Returns
    /// the exit code for the process.
    #[must_use]
    pub fn run(mut self) -> i32 {
        run_main(&mut self.command)
    }
}

#[expect(unsafe_code, reason = "pyo3 has no safe form of this function")]
fn is_initialized() -> bool {
    // SAFETY: it may be called at any time.
    unsafe { ffi::Py_IsInitialized() != 0 }
}

/// Runs Python's own main function.
#[expect(unsafe_code, reason = "pyo3 has no safe form of this function")]
fn run_main(command: &mut [Argument]) -> i32 {
    let count = i32::try_from(command.len()).unwrap_or(i32::MAX);
    let mut pointers: Vec<_> = command.iter_mut().map(pointer).collect();
    pointers.push(std::ptr::null_mut());
    // SAFETY: the interpreter has not been initialised in this process (`build`). The arguments end
    // with a zero each and live until after the call, and so does the list, which ends with a null.
    unsafe { python_main(count, pointers.as_mut_ptr()) }
}

/// Holds the app's extension module, for the package `transom`.
#[pymodule(gil_used = false)]
mod _transom_app {
    use super::*;
    use pyo3::exceptions::PyRuntimeError;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let make = MAKE.get();
        let make = make.ok_or_else(|| PyRuntimeError::new_err("this program is no app"))?;
        module.add("ext_mod", make(module.py()))
    }
}
