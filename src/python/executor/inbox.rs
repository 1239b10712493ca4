//! Delivers calls to the Python side of an executor: an event loop or threads of this process.
//!
//! An event loop watches [`Inbox::fileno`] and takes messages in batches; a thread blocks in
//! [`Inbox::take`]. The permits of the actors bound what waits here.

use std::{
    io,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use crossbeam_channel::{Receiver, Sender, unbounded};
use pyo3::{IntoPyObjectExt, prelude::*, types::PyBytes};
use tauri::ipc::{InvokeError, InvokeResponseBody};

use super::{call::PythonCall, contention::Contention, waker::Waker, watchdog::LoopWatch};
use crate::python::{gil, host::page::answer, own::Own};
use crate::{
    actors::{Call, CallGuard, Outcome, Transport},
    error::{CallError, ErrorCode},
    ipc::PageCallResult,
    sync::CloseFlag,
};

/// How many messages one turn of the loop takes, so that other tasks get their turn.
const BATCH: usize = 64;

/// The answer to a frame of a test's page.
type FrameAnswer = Result<InvokeResponseBody, InvokeError>;

/// One message for the Python side.
enum Mail {
    Start(CallGuard),
    Cancel(u64),
    Reply(u64, PageCallResult),
    Answer(u64, FrameAnswer),
    Credit(u64),
    Stop,
}

/// The Rust end of an inbox.
#[derive(Debug)]
pub(crate) struct Post {
    me: Weak<Self>,
    mail: Sender<Mail>,
    waker: Waker,
    pub(crate) watch: LoopWatch,
    /// How many threads take from it. Threads are not sent cancels; they look at the call instead.
    threads: usize,
    stopped: AtomicBool,
    /// Set when nobody takes messages any more.
    closed: CloseFlag,
    back: Receiver<Mail>,
}

impl Post {
    fn send(&self, mail: Mail) {
        if self.mail.send(mail).is_ok() {
            self.waker.wake();
            self.watch.arm();
        }
        if self.closed.has_ended() {
            self.give_back();
        }
    }

    /// Drops the remaining messages. This drops the guards in them, which answers and ends their
    /// calls.
    fn give_back(&self) {
        while let Ok(mail) = self.back.try_recv() {
            refuse(mail);
        }
    }

    /// Makes a stream on an event loop hear of credit by a message. A stream in a thread waits for
    /// it.
    fn wake_by_mail(&self, call: &Call) {
        if let (0, Some(items)) = (self.threads, call.items()) {
            let (post, key) = (Weak::clone(&self.me), call.key().0);
            items.on_wake(move || {
                if let Some(post) = post.upgrade() {
                    post.send(Mail::Credit(key));
                }
            });
        }
    }

    /// Whether messages wait.
    pub(crate) fn has_mail(&self) -> bool {
        !self.back.is_empty()
    }

    /// Makes the loop turn.
    pub(crate) fn ask(&self) {
        self.waker.wake();
    }

    /// Sends the result of a page's function to the loop.
    pub(crate) fn reply(&self, token: u64, result: PageCallResult) {
        self.send(Mail::Reply(token, result));
    }

    /// Sends the answer to a frame of a test's page.
    pub(crate) fn answer(&self, token: u64, answer: FrameAnswer) {
        self.send(Mail::Answer(token, answer));
    }
}

impl Transport for Post {
    fn start(&self, call: CallGuard) {
        self.wake_by_mail(call.call());
        self.send(Mail::Start(call));
    }

    fn stop_call(&self, call: &Arc<Call>) {
        if self.threads == 0 {
            self.send(Mail::Cancel(call.key().0));
        }
    }

    fn stop(&self) {
        if !self.stopped.swap(true, Ordering::AcqRel) {
            self.watch.end();
            (0..self.threads.max(1)).for_each(|_| self.send(Mail::Stop));
        }
    }
}

/// The Python end of an inbox.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct Inbox(Own<Ends>);

struct Ends {
    mail: Receiver<Mail>,
    post: Arc<Post>,
    contention: Contention,
}

impl Inbox {
    /// Makes both ends. `threads` is how many threads block in `take`; 0 for an event loop.
    pub(crate) fn open(threads: usize) -> io::Result<(Self, Arc<Post>)> {
        let (sender, mail) = unbounded();
        let waker = Waker::new()?;
        let post = Arc::new_cyclic(|me| Post {
            me: Weak::clone(me),
            mail: sender,
            waker,
            watch: LoopWatch::default(),
            threads,
            stopped: AtomicBool::new(false),
            closed: CloseFlag::new(),
            back: mail.clone(),
        });
        let ends = Ends {
            mail,
            post: Arc::clone(&post),
            contention: Contention::default(),
        };
        Ok((Self(Own::new(ends)), post))
    }

    pub(crate) fn post(&self) -> PyResult<Arc<Post>> {
        Ok(Arc::clone(&self.0.get()?.post))
    }
}

#[pymethods]
impl Inbox {
    /// The descriptor that an event loop watches for reading; a socket on Windows.
    fn fileno(&self) -> PyResult<i64> {
        Ok(self.0.get()?.post.waker.handle())
    }

    /// Calls `tell(True)` when calls begin to wait for the interpreter's lock, behind threads that
    /// compute. Calls `tell(False)` when they have not for 10 s, or the executor ends. May be set
    /// once.
    fn on_contention(&self, tell: Py<PyAny>) -> PyResult<()> {
        self.0.get()?.contention.watch(tell);
        Ok(())
    }

    /// Takes the messages, without waiting: calls, `int` (a call to cancel), tuples `(token, kind,
    /// value)` (answers of pages, and `(call, "credit", None)` for a stream that may push again),
    /// and `None` for the end.
    fn drain(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let Ends {
            mail,
            post,
            contention,
        } = self.0.get()?;
        post.watch.turned();
        let late = post.waker.clear();
        contention.waited(py, late);
        let mut items = Vec::new();
        while items.len() < BATCH {
            match post.waker.next(|| mail.try_recv().ok()) {
                Some(mail) => items.push(into_python(py, mail)?),
                None => return Ok(items),
            }
        }
        // There may be more: come back in the next turn of the loop.
        post.waker.wake_again();
        Ok(items)
    }

    /// Closes the inbox. Calls that wait here, and those to come, are refused.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let Ends {
            post, contention, ..
        } = self.0.get()?;
        post.watch.end();
        post.closed.end();
        contention.end(py);
        gil::detach(py, || post.give_back());
        Ok(())
    }

    /// Waits for the next call, without the GIL. `None`: the executor ends.
    fn take(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let Ends {
            mail, contention, ..
        } = self.0.get()?;
        loop {
            let (next, since) = gil::detach(py, || (mail.recv(), Instant::now()));
            return match next {
                Ok(Mail::Start(guard)) => {
                    contention.waited(py, since.elapsed());
                    into_python(py, Mail::Start(guard)).map(Some)
                }
                Ok(Mail::Cancel(_) | Mail::Reply(..) | Mail::Answer(..) | Mail::Credit(_)) => {
                    continue;
                }
                Ok(Mail::Stop) | Err(_) => {
                    contention.end(py);
                    Ok(None)
                }
            };
        }
    }
}

fn refuse(mail: Mail) {
    match mail {
        Mail::Start(guard) => guard.settle(Outcome::Error(CallError::new(
            ErrorCode::Unavailable,
            "the event loop of this app's commands has ended",
        ))),
        Mail::Reply(..) | Mail::Answer(..) | Mail::Cancel(_) | Mail::Credit(_) | Mail::Stop => {}
    }
}

fn into_python(py: Python<'_>, mail: Mail) -> PyResult<Py<PyAny>> {
    match mail {
        Mail::Start(guard) => PythonCall::new(guard).into_py_any(py),
        Mail::Cancel(key) => key.into_py_any(py),
        Mail::Reply(token, result) => {
            let (kind, value) = answer::into_python(py, result)?;
            (token, kind, value).into_py_any(py)
        }
        Mail::Answer(token, Ok(InvokeResponseBody::Json(text))) => {
            (token, "json", text).into_py_any(py)
        }
        Mail::Answer(token, Ok(InvokeResponseBody::Raw(bytes))) => {
            (token, "raw", PyBytes::new(py, &bytes)).into_py_any(py)
        }
        Mail::Answer(token, Err(InvokeError(error))) => {
            (token, "error", error.to_string()).into_py_any(py)
        }
        Mail::Credit(key) => (key, "credit", py.None()).into_py_any(py),
        Mail::Stop => Ok(py.None()),
    }
}
