//! Finds the Python of an app's executable, and makes the command line for Python's main function.

use std::{
    env,
    ffi::{CStr, OsStr, OsString},
    fmt,
    path::{Path, PathBuf, absolute},
};

use pyo3::ffi;

/// Where Python finds its standard library and the app's packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PythonInterpreterEnv {
    /// The folder of a virtual environment, for development. `PYTHONPATH` and the like count as
    /// for `python`; the working directory is not searched for modules.
    Venv(PathBuf),
    /// The folder of a whole Python that is shipped with the app, such as one of
    /// `python-build-standalone` in the app's resources. Nothing of the user's environment counts,
    /// as for `python -I`.
    Standalone(PathBuf),
}

/// What the interpreter runs as `__main__`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PythonScript {
    /// A file.
    File(PathBuf),
    /// A module by its name, as `python -m` does.
    Module(String),
    /// Source text, as `python -c` does.
    Code(String),
}

/// Why there is no interpreter.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum NewInterpreterError {
    /// The folder holds no Python of the version that the executable is linked to.
    #[error(
        "`{}` is no environment for this app: it has no `{}`, and the app is linked to Python \
         {version}. Use an environment of that version, or build the app for another one \
         (`PYO3_PYTHON`)",
        folder.display(), missing.display()
    )]
    Environment {
        /// The folder of the environment.
        folder: PathBuf,
        /// What it lacks.
        missing: PathBuf,
        /// The version that the app is linked to: `3.12`.
        version: String,
    },
    /// A path, an argument or the code has a zero byte in it.
    #[error("{0:?} cannot be on a command line: it has a zero byte in it")]
    ZeroByte(OsString),
    /// The process has an interpreter already, or has had one.
    #[error("this process has a Python interpreter already: it can have one")]
    Second,
}

/// The text for users, which is what a `main` that returns the error prints.
impl fmt::Debug for NewInterpreterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An argument as C takes it.
#[cfg(not(windows))]
pub(super) type Argument = std::ffi::CString;
#[cfg(windows)]
pub(super) type Argument = Vec<u16>;

#[cfg(not(windows))]
fn argument(text: OsString) -> Result<Argument, NewInterpreterError> {
    use std::os::unix::ffi::OsStringExt as _;

    Argument::new(text.into_vec())
        .map_err(|error| NewInterpreterError::ZeroByte(OsString::from_vec(error.into_vec())))
}

#[cfg(windows)]
fn argument(text: OsString) -> Result<Argument, NewInterpreterError> {
    use std::os::windows::ffi::OsStrExt as _;

    let mut wide: Argument = text.encode_wide().collect();
    if wide.contains(&0) {
        return Err(NewInterpreterError::ZeroByte(text));
    }
    wide.push(0);
    Ok(wide)
}

/// The pointer for C, which does not write to it.
#[cfg(not(windows))]
pub(super) fn pointer(argument: &mut Argument) -> *mut std::ffi::c_char {
    argument.as_ptr().cast_mut()
}

#[cfg(windows)]
pub(super) fn pointer(argument: &mut Argument) -> *mut u16 {
    argument.as_mut_ptr()
}

/// `python`, its options, the script, and the arguments of this process.
pub(super) fn command_line(
    environment: &PythonInterpreterEnv,
    script: &PythonScript,
) -> Result<Vec<Argument>, NewInterpreterError> {
    let version = linked_version();
    let mut words = interpreter(environment, &version)?;
    match script {
        PythonScript::File(file) => words.push(file.into()),
        PythonScript::Module(name) => words.extend(["-m".into(), name.into()]),
        PythonScript::Code(source) => words.extend(["-c".into(), source.into()]),
    }
    words.extend(env::args_os().skip(1));
    words.into_iter().map(argument).collect()
}

/// The program from whose place Python derives all others, and its options.
fn interpreter(
    environment: &PythonInterpreterEnv,
    version: &str,
) -> Result<Vec<OsString>, NewInterpreterError> {
    let (folder, program, option) = match environment {
        PythonInterpreterEnv::Venv(folder) => (
            folder,
            if cfg!(windows) {
                r"Scripts\python.exe"
            } else {
                "bin/python"
            },
            "-P",
        ),
        PythonInterpreterEnv::Standalone(folder) => (
            folder,
            if cfg!(windows) {
                "python.exe"
            } else {
                "bin/python3"
            },
            "-I",
        ),
    };
    let folder = absolute(folder).unwrap_or_else(|_| folder.clone());
    // Python and its packages cannot handle the long form of paths on Windows.
    let folder = dunce::simplified(&folder);
    let libraries = libraries(version);
    if !libraries.iter().any(|it| folder.join(it).is_dir()) {
        let [missing, ..] = libraries;
        return Err(NewInterpreterError::Environment {
            folder: folder.into(),
            missing,
            version: version.into(),
        });
    }
    Ok(vec![folder.join(program).into(), OsStr::new(option).into()])
}

/// Where a Python of that version has its packages, one of: with the GIL, free-threaded.
fn libraries(version: &str) -> [PathBuf; 2] {
    if cfg!(windows) {
        return ["Lib".into(), "Lib".into()];
    }
    ["", "t"].map(|kind| Path::new("lib").join(format!("python{version}{kind}")))
}

/// The version of the Python that the executable is linked to: `3.12`.
#[expect(
    unsafe_code,
    reason = "pyo3 has no form of it for a time without interpreter"
)]
fn linked_version() -> String {
    // SAFETY: it may be called before Python is initialised, and returns a text that stays.
    let version = unsafe { CStr::from_ptr(ffi::Py_GetVersion()) };
    let version = version.to_string_lossy();
    let number = version.split([' ', '+']).next().unwrap_or_default();
    number.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(kind: fn(PathBuf) -> PythonInterpreterEnv, folder: &Path) -> Vec<OsString> {
        interpreter(&kind(folder.into()), "3.12").unwrap()
    }

    #[test]
    fn a_program_is_named_by_its_environment() {
        let home = tempfile::tempdir().unwrap();
        let [library, _] = libraries("3.12");
        std::fs::create_dir_all(home.path().join(library)).unwrap();
        let words = environment(PythonInterpreterEnv::Venv, home.path());
        assert!(Path::new(&words[0]).starts_with(home.path()));
        assert_eq!(words[1], "-P");
        assert_eq!(
            environment(PythonInterpreterEnv::Standalone, home.path())[1],
            "-I"
        );
    }

    #[test]
    fn an_environment_without_this_python_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let refused = interpreter(&PythonInterpreterEnv::Venv(home.path().into()), "3.12");
        let text = refused.unwrap_err().to_string();
        assert!(text.contains("the app is linked to Python 3.12"), "{text}");
    }

    #[test]
    fn the_linked_version_has_two_numbers() {
        let version = linked_version();
        let (major, minor) = version.split_once('.').unwrap();
        assert_eq!(major, "3");
        assert!(minor.parse::<u8>().unwrap() >= 11, "{version}");
    }

    #[test]
    fn a_zero_byte_is_refused() {
        let refused = argument("a\0b".into()).unwrap_err();
        assert!(refused.to_string().contains("zero byte"));
    }
}
