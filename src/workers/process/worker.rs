//! Runs one worker: its process, its link, and the thread that serves both. Unix only.
//!
//! A sender writes as much as the socket takes at once, and never waits. The thread writes the
//! rest.

use std::{
    io::{self, PipeReader, Read, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub(crate) use super::family::Processes;

use super::{
    exit_status::Exit,
    family::Scale,
    listener::WorkerListener,
    spawn::{KillHandle, KillScope},
    worker_process::WorkerProcess,
    zygote::Forker,
};
use crate::workers::link::{reader::Inward, shared_memory, writer::Out};

/// The most that a sender writes itself, so that the UI thread does not copy more into a socket.
const INLINE: usize = 256 * 1024;
const PIECE: usize = 64 * 1024;
const STDERR_KEPT: usize = 8 * 1024;
/// How many pieces of output are read after its death. That is more than its pipes hold.
const LAST_PIECES: usize = 64;
/// How long a process may take to end after its link has ended.
const LAST_MOMENTS: Duration = Duration::from_secs(1);
/// How often the thread checks the process, on systems that do not report its end.
const LOOK: Duration = Duration::from_millis(200);

/// How often the memory of a worker with a limit is measured.
const WEIGH: Duration = Duration::from_millis(100);

/// A worker, for those who send to it.
#[derive(Debug)]
pub(crate) struct Worker {
    socket: UnixStream,
    out: Mutex<Out>,
    /// Writing to it wakes the thread.
    bell: UnixStream,
    handle: KillHandle,
    gone: AtomicBool,
    /// Bodies of at least this many bytes go in shared memory.
    share_from: usize,
}

impl Worker {
    /// Starts the thread, which starts the process, without waiting for it.
    pub(crate) fn start(
        name: &str,
        forker: &Arc<Forker>,
        max_body: usize,
        listener: Box<dyn WorkerListener>,
    ) -> io::Result<Arc<Self>> {
        let (socket, other) = UnixStream::pair()?;
        let (bell, wake) = UnixStream::pair()?;
        for stream in [&socket, &bell, &wake] {
            stream.set_nonblocking(true)?;
        }
        let worker = Arc::new(Self {
            socket,
            out: Mutex::default(),
            bell,
            handle: KillHandle::new(KillScope::Family),
            gone: AtomicBool::new(false),
            share_from: forker.launch.share_from.unwrap_or(usize::MAX),
        });
        let (served, forker) = (Arc::clone(&worker), Arc::clone(forker));
        thread::Builder::new()
            .name(format!("transom-{name}"))
            .spawn(move || {
                let exit = match WorkerProcess::start(&forker, other, &served.handle) {
                    Ok(process) => {
                        let most = forker.launch.max_memory;
                        serve(&served, process, &wake, max_body, most, listener.as_ref())
                    }
                    Err(error) => {
                        let program = forker.launch.command.first().map_or("", String::as_str);
                        Exit::never_started(format!("`{program}` could not be started: {error}"))
                    }
                };
                listener.clean_up();
                served.gone.store(true, Ordering::Release);
                listener.ended(exit);
            })?;
        Ok(worker)
    }

    /// Sends a frame in pieces, without waiting.
    pub(crate) fn send(&self, pieces: impl IntoIterator<Item = Vec<u8>>) {
        self.with_out(|out| pieces.into_iter().for_each(|piece| out.push(piece)));
    }

    /// Sends a frame with a body, in shared memory if it is large, without waiting.
    pub(crate) fn send_with(&self, head: Vec<u8>, body: Vec<u8>) {
        if body.len() < self.share_from {
            return self.send([head, body]);
        }
        self.with_out(|out| out.push_apart(head, body));
    }

    /// Shuts the link down after what was sent.
    pub(crate) fn quit(&self) {
        self.with_out(Out::close);
    }

    /// Kills the process and the processes that it has started.
    pub(crate) fn kill(&self) {
        self.handle.kill();
    }

    /// The process id, while there is a process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.handle
            .pid()
            .map(|pid| pid.as_raw_nonzero().get().unsigned_abs())
    }

    /// Bytes of private memory of the process and its children, where the system tells them.
    pub(crate) fn memory(&self, processes: &Processes) -> Option<u64> {
        self.handle.pid().and_then(|pid| processes.memory(pid))
    }

    /// Whether the process is gone.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    fn out(&self) -> std::sync::MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_out(&self, change: impl FnOnce(&mut Out)) {
        let mut out = self.out();
        change(&mut out);
        out.flush(&self.socket, INLINE);
        if !out.is_empty() {
            let _ = (&self.bell).write(&[1]);
        }
    }

    /// Writes what the socket takes. Only the thread calls this, because it may copy a large body.
    fn flush(&self) {
        loop {
            let body = {
                let mut out = self.out();
                out.flush(&self.socket, usize::MAX);
                out.body_to_move()
            };
            let Some(body) = body else {
                return;
            };
            let memory = shared_memory::put(&body);
            self.out().moved(memory, body);
        }
    }
}

/// Splits the output of the process into lines.
struct Lines<R> {
    from: Option<R>,
    error: bool,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    fn new(from: Option<R>, error: bool) -> Self {
        Self {
            from,
            error,
            line: Vec::new(),
        }
    }

    /// Reads once. This does not block when there is something to read.
    fn read(
        &mut self,
        piece: &mut [u8],
        listener: &dyn WorkerListener,
        mut keep: impl FnMut(&[u8]),
    ) {
        let Some(from) = &mut self.from else {
            return;
        };
        let n = match from.read(piece) {
            Ok(n) if n > 0 => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            _ => {
                self.from = None;
                return self.tell(listener);
            }
        };
        keep(&piece[..n]);
        for part in piece[..n].split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            self.line.drain(..overwritten(&self.line));
            if part.ends_with(b"\n") || self.line.len() >= STDERR_KEPT {
                self.tell(listener);
            }
        }
    }

    fn tell(&mut self, listener: &dyn WorkerListener) {
        if !self.line.is_empty() {
            listener.line(self.error, String::from_utf8_lossy(&self.line).trim_end());
            self.line.clear();
        }
    }
}

/// How much of a line a terminal would have overwritten: progress bars return to its beginning.
fn overwritten(line: &[u8]) -> usize {
    let back = |pair: &[u8]| pair[0] == b'\r' && !matches!(pair[1], b'\r' | b'\n');
    line.windows(2).rposition(back).map_or(0, |at| at + 1)
}

fn keep_last(kept: &mut Vec<u8>, piece: &[u8]) {
    kept.extend_from_slice(piece);
    let over = kept.len().saturating_sub(STDERR_KEPT);
    kept.drain(..over);
}

/// The main function of a worker's thread.
fn serve(
    worker: &Worker,
    mut process: WorkerProcess,
    wake: &UnixStream,
    max_body: usize,
    max_memory: Option<u64>,
    listener: &dyn WorkerListener,
) -> Exit {
    let mut inward = Inward::new(max_body);
    let mut stdout = Lines::new(process.stdout.take(), false);
    let mut stderr = Lines::new(process.stderr.take(), true);
    let (mut kept, mut piece) = (Vec::new(), vec![0; PIECE]);
    let (mut reason, mut scale) = (None, Scale::default());
    // `Some`: the link has ended, and the process should.
    let mut last_moments: Option<Instant> = None;
    loop {
        let rest = last_moments.map(|end| end.saturating_duration_since(Instant::now()));
        let weigh = max_memory.map(|_| WEIGH);
        let most = [rest, weigh].into_iter().flatten().min();
        let link = last_moments.is_none();
        let ready = wait(worker, &process, wake, (&stdout, &stderr), link, most);
        if ready.bell {
            let _ = (&mut &*wake).read(&mut piece);
        }
        if ready.writable {
            worker.flush();
        }
        if ready.stdout {
            stdout.read(&mut piece, listener, |_| ());
        }
        if ready.stderr {
            stderr.read(&mut piece, listener, |it| keep_last(&mut kept, it));
        }
        let ended = process.has_ended();
        if last_moments.is_none() && (ready.socket || ended) {
            match inward.receive(&worker.socket, &mut piece, listener, ended) {
                Ok(true) => {}
                Ok(false) => last_moments = Some(Instant::now() + LAST_MOMENTS),
                Err(text) => {
                    reason = Some(text);
                    break;
                }
            }
        }
        if reason.is_none()
            && let Some(most) = max_memory
            && let Some(held) = scale.over(process.pid, most)
        {
            reason = Some(format!(
                "it and its children held {} MiB of memory, and `max_memory` is {} MiB",
                held >> 20,
                most >> 20
            ));
            // Who gives it calls kills it: one that came meanwhile would be lost without need.
            listener.overweight();
        }
        if ended || last_moments.is_some_and(|end| end <= Instant::now()) {
            break;
        }
    }
    let mut exit = process.end(&worker.handle);
    // What the process wrote before it died. Its group is gone: only a child that has left it could
    // go on, and is not waited for.
    for _ in 0..LAST_PIECES {
        let now = Some(Duration::ZERO);
        let ready = wait(worker, &process, wake, (&stdout, &stderr), false, now);
        if !ready.stdout && !ready.stderr {
            break;
        }
        if ready.stdout {
            stdout.read(&mut piece, listener, |_| ());
        }
        if ready.stderr {
            stderr.read(&mut piece, listener, |it| keep_last(&mut kept, it));
        }
    }
    stdout.tell(listener);
    stderr.tell(listener);
    exit.reason = reason.or(exit.reason);
    exit.stderr = String::from_utf8_lossy(&kept).into_owned();
    exit
}

/// What can be read or written now.
#[derive(Debug, Default)]
struct Ready {
    socket: bool,
    writable: bool,
    bell: bool,
    stdout: bool,
    stderr: bool,
}

/// Waits until something can be read or written, the process has ended, or `most` has passed.
/// `link`: whether to watch the link, which would be ready for ever once it has ended.
fn wait(
    worker: &Worker,
    process: &WorkerProcess,
    wake: &UnixStream,
    (stdout, stderr): (&Lines<PipeReader>, &Lines<PipeReader>),
    link: bool,
    most: Option<Duration>,
) -> Ready {
    let wants = if worker.out().is_empty() {
        PollFlags::IN
    } else {
        PollFlags::IN | PollFlags::OUT
    };
    let sources = [
        link.then(|| (worker.socket.as_fd(), wants)),
        Some((wake.as_fd(), PollFlags::IN)),
        stdout.from.as_ref().map(|it| (it.as_fd(), PollFlags::IN)),
        stderr.from.as_ref().map(|it| (it.as_fd(), PollFlags::IN)),
        process.ended.as_ref().map(|it| (it.as_fd(), PollFlags::IN)),
    ];
    let there = sources.iter().flatten();
    let mut fds: Vec<_> = there
        .map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags))
        .collect();
    let look = process.ended.is_none().then_some(LOOK);
    let most = [look, most].into_iter().flatten().min();
    let most = most.and_then(|it| Timespec::try_from(it).ok());
    if poll(&mut fds, most.as_ref()).is_err() {
        return Ready::default();
    }
    let mut polled = fds.iter();
    let [socket, bell, stdout, stderr, _] = sources.map(|source| {
        source
            .and_then(|_| polled.next())
            .map_or(PollFlags::empty(), PollFd::revents)
    });
    let some = PollFlags::IN | PollFlags::HUP | PollFlags::ERR;
    Ready {
        socket: socket.intersects(some),
        writable: socket.intersects(PollFlags::OUT),
        bell: bell.intersects(some),
        stdout: stdout.intersects(some),
        stderr: stderr.intersects(some),
    }
}
