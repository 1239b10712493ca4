//! Starts a Python interpreter inside an app written in Rust, on a thread of its own.

use std::{
    any::Any,
    ffi::CStr,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use pyo3::{prelude::*, wrap_pymodule};
use tauri::{Runtime, Wry};

use super::{drain, python_host::PythonHost};
use crate::python::{_native, app::app_handle::AppHandle, callbacks::threads, gil};
use crate::{
    error::{CallError, ErrorCode},
    host::Host,
};

/// How long the portal may take to end when nothing runs on it.
const PORTAL_CEILING: Duration = Duration::from_secs(2);

/// Python code that runs before the package can be imported, so it is part of this crate.
const PREPARE: &CStr = c_text(concat!(include_str!("embed.py"), "\0"));

const fn c_text(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a Python source has no zero bytes"),
    }
}

/// What to import, from where, and the event loop for it.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// `module` or `module:object`.
    pub(crate) module: String,
    /// `asyncio` or `trio`.
    pub(crate) backend: String,
    /// Folders to put before `sys.path`.
    pub(crate) path: Vec<PathBuf>,
    /// The virtual environment.
    pub(crate) home: Option<PathBuf>,
}

impl Options {
    /// Makes relative folders relative to `base`.
    pub(crate) fn rebase(&mut self, base: &Path) {
        for folder in self.path.iter_mut().chain(&mut self.home) {
            *folder = base.join(&*folder);
        }
    }
}

/// A Python interpreter in an app.
#[derive(Debug)]
pub(crate) struct Guest {
    host: Arc<Host>,
    /// Tells the thread to end. It also ends when this is dropped.
    leave: Sender<()>,
    /// Disconnected when the thread has ended.
    left: Receiver<()>,
}

impl Guest {
    /// Starts the thread, and returns at once.
    pub(crate) fn start<R: Runtime>(
        host: Arc<Host>,
        app: &tauri::AppHandle<R>,
        options: Options,
    ) -> io::Result<Self> {
        let (leave, told) = bounded(1);
        let (leaving, left) = bounded::<()>(0);
        // The Python classes wrap Tauri's own runtime.
        let app = (app as &dyn Any).downcast_ref::<tauri::AppHandle<Wry>>();
        let (guest, app) = (Arc::clone(&host), app.cloned());
        threads::start();
        thread::Builder::new()
            .name("transom-python".into())
            .spawn(move || {
                serve(&guest, app, &options, &told);
                drop(leaving);
            })?;
        Ok(Self { host, leave, left })
    }

    /// Ends what runs, then the thread. Waits without the GIL, for a limited time.
    pub(crate) fn end(&self) {
        drain::end(&self.host);
        // A failed start has nobody left to tell, and a second end nothing to say.
        let _ = self.leave.try_send(());
        if self.left.recv_timeout(PORTAL_CEILING) == Err(RecvTimeoutError::Timeout) {
            log::warn!("the thread of Python is left behind at exit");
        }
    }
}

/// The main function of the thread.
fn serve(
    host: &Arc<Host>,
    app: Option<tauri::AppHandle<Wry>>,
    options: &Options,
    told: &Receiver<()>,
) {
    let close = match catch_unwind(AssertUnwindSafe(|| begin(host, app, options))) {
        Ok(Ok(close)) => close,
        Ok(Err(text)) => return fail(host, &text),
        Err(_) => return fail(host, "a panic; the log has more"),
    };
    host.system.commands_known();
    if told.recv().is_err() {
        // The app went away without running.
        drain::end(host);
    }
    gil::attach(|py| {
        if let Err(error) = close.call0(py) {
            threads::log_exception(py, "the end of Python failed", &error);
        }
        drop(close);
    });
}

fn fail(host: &Arc<Host>, text: &str) {
    log::error!("Python could not start: {text}");
    let text = format!("Python could not start: {text}");
    host.system
        .commands_failed(CallError::new(ErrorCode::Unavailable, text));
}

/// Starts the Python side. Returns the function that ends it, or the text of an error.
fn begin(
    host: &Arc<Host>,
    app: Option<tauri::AppHandle<Wry>>,
    options: &Options,
) -> Result<Py<PyAny>, String> {
    Python::initialize();
    let begun = gil::attach(|py| {
        join(py, host, app, options).map_err(|error| {
            threads::log_exception(py, "Python could not start", &error);
            error.to_string()
        })
    });
    begun.unwrap_or_else(|| Err("the interpreter has ended".into()))
}

fn join(
    py: Python<'_>,
    host: &Arc<Host>,
    app: Option<tauri::AppHandle<Wry>>,
    options: &Options,
) -> PyResult<Py<PyAny>> {
    let native = wrap_pymodule!(_native)(py);
    PyModule::from_code(py, PREPARE, c"transom/embed.py", c"_transom_embed")?
        .call_method1("prepare", (&native, &options.path, &options.home))?;
    let app = app.map(|app| AppHandle::of(py, &app)).transpose()?;
    let host = PythonHost::new(Arc::clone(host));
    let begin = py.import("transom._app.embed")?.getattr("begin")?;
    let close = begin.call1((host, app, &options.module, &options.backend))?;
    Ok(close.unbind())
}
