//! Handles signals while the main thread is inside Tauri's event loop, where Python handles none.
//!
//! The interpreter writes the number of each signal that has a handler in Python to a socket, which
//! a native thread reads. Ctrl-C and SIGTERM exit the app, also while other code keeps the
//! interpreter to itself. A handler of the program's own runs on the main thread, as in any Python.

use std::{
    io::{self, Read as _},
    net,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use pyo3::prelude::*;

use super::shutdown::Shutdown;
use crate::python::gil;

/// How long Python has time to say whose handler a signal has. Code in C may keep the interpreter.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(unix)]
type Stream = std::os::unix::net::UnixStream;
#[cfg(windows)]
type Stream = std::net::TcpStream;

/// Exits the app with 128 plus the signal's number. It ends when it is closed.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct SignalWatch(Mutex<Option<Stream>>);

impl SignalWatch {
    /// Starts the thread. `signals` are the numbers that exit the app, unless `is_own(number)` says
    /// that the program has set a handler of its own meanwhile.
    pub(crate) fn start(
        ending: Arc<Shutdown>,
        signals: Vec<u8>,
        is_own: Py<PyAny>,
    ) -> io::Result<Self> {
        let (reader, writer) = pair()?;
        writer.set_nonblocking(true)?;
        thread::Builder::new()
            .name("transom-signals".into())
            .spawn(move || watch(&reader, &ending, &signals, &Arc::new(is_own)))?;
        Ok(Self(Mutex::new(Some(writer))))
    }
}

#[pymethods]
impl SignalWatch {
    /// The descriptor for `signal.set_wakeup_fd`. -1 when it is closed.
    fn fileno(&self) -> i64 {
        let writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().map_or(-1, handle)
    }

    fn close(&self) {
        let writer = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A fork that lives on holds the writer too: closing it would end nothing.
            let _ = writer.shutdown(net::Shutdown::Write);
        }
    }
}

fn watch(mut reader: &Stream, ending: &Arc<Shutdown>, signals: &[u8], is_own: &Arc<Py<PyAny>>) {
    let mut number = [0];
    while matches!(reader.read(&mut number), Ok(1)) {
        let arrived = Instant::now();
        let [number] = number;
        if signals.contains(&number) && !is_of_program(number, is_own) {
            ending.signalled(128 + i32::from(number), arrived);
        } else {
            ending.handle_signals();
        }
    }
}

/// Whether the program has set a handler of its own. False: it has not, or Python does not get to
/// say so in time.
fn is_of_program(number: u8, is_own: &Arc<Py<PyAny>>) -> bool {
    let (tell, told) = mpsc::sync_channel(1);
    let is_own = Arc::clone(is_own);
    let ask = move || {
        let own = gil::attach(|py| is_own.call1(py, (number,))?.extract::<bool>(py));
        // Nobody may wait for it any more.
        let _ = tell.send(matches!(own, Some(Ok(true))));
    };
    let asked = thread::Builder::new()
        .name("transom-signal".into())
        .spawn(ask);
    asked.is_ok() && told.recv_timeout(PATIENCE).unwrap_or(false)
}

#[cfg(unix)]
fn pair() -> io::Result<(Stream, Stream)> {
    Stream::pair()
}

#[cfg(windows)]
fn pair() -> io::Result<(Stream, Stream)> {
    let (reader, writer) = crate::python::executor::waker::open()?;
    reader.set_nonblocking(false)?;
    Ok((reader, writer))
}

#[cfg(unix)]
fn handle(stream: &Stream) -> i64 {
    use std::os::fd::AsRawFd;
    stream.as_raw_fd().into()
}

#[cfg(windows)]
fn handle(stream: &Stream) -> i64 {
    use std::os::windows::io::AsRawSocket;
    stream.as_raw_socket() as i64
}
