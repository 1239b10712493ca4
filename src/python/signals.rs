//! Ctrl-C and SIGTERM. While the main thread is inside the event loop no Python signal handler can
//! run: the interpreter writes the signal's number to a socket, and a thread that takes no GIL
//! reads it and exits the app.

use std::{
    io::{self, Read as _},
    net::Shutdown,
    sync::{Mutex, PoisonError},
    thread,
};

use pyo3::prelude::*;
use tauri::Wry;

#[cfg(unix)]
type Stream = std::os::unix::net::UnixStream;
#[cfg(windows)]
type Stream = std::net::TcpStream;

/// Exits the app with 128 and a signal's number. Ends when it is closed.
#[pyclass(frozen, module = "transom._native")]
pub(super) struct SignalWatch(Mutex<Option<Stream>>);

impl SignalWatch {
    /// `signals` are the numbers that count.
    pub(super) fn start(app: tauri::AppHandle<Wry>, signals: Vec<u8>) -> io::Result<Self> {
        let (reader, writer) = pair()?;
        writer.set_nonblocking(true)?;
        thread::Builder::new()
            .name("transom-signals".into())
            .spawn(move || watch(&reader, &app, &signals))?;
        Ok(Self(Mutex::new(Some(writer))))
    }
}

#[pymethods]
impl SignalWatch {
    /// For `signal.set_wakeup_fd`. -1 when it is closed.
    fn fileno(&self) -> i64 {
        let writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().map_or(-1, handle)
    }

    fn close(&self) {
        let writer = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A fork that lives on holds the writer too: closing it would end nothing.
            let _ = writer.shutdown(Shutdown::Write);
        }
    }
}

fn watch(mut reader: &Stream, app: &tauri::AppHandle<Wry>, signals: &[u8]) {
    let mut number = [0];
    while matches!(reader.read(&mut number), Ok(1)) {
        if signals.contains(&number[0]) {
            let (exiting, code) = (app.clone(), 128 + i32::from(number[0]));
            // It fails when the loop has ended already.
            let _ = app.run_on_main_thread(move || exiting.exit(code));
        }
    }
}

#[cfg(unix)]
fn pair() -> io::Result<(Stream, Stream)> {
    Stream::pair()
}

#[cfg(windows)]
fn pair() -> io::Result<(Stream, Stream)> {
    let (reader, writer) = super::waker::open()?;
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
