//! Manages a pool's zygote: a process that has imported the common modules and forks the workers.
//!
//! Linux only. This is one file because it is both ends of one conversation with that process.
//!
//! The zygote has one thread. The threads of the workers ask it one question at a time:
//!
//! | question | answer |
//! | --- | --- |
//! | `prepare`: modules to import | `"ready"`; `without`: modules that it must leave out to stay fit to fork; `refused` for good |
//! | `fork`, with the worker's link, output and error output as descriptors | `pid`; `failed`, this time; `refused` |
//! | `reap`: a process that has ended | `ended`: exit code or signal |
//! A worker is the zygote's child, so the zygote learns how it ended. It reaps a worker only when
//! asked, so that the process id stays taken for as long as the host may kill it. When the host's
//! end of the link is gone, the zygote kills the remaining workers and ends. Its own death costs no
//! worker: the next start makes another zygote, and only how those workers end is not known then.
//! start makes another zygote, and only how those workers end is not known then.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, BufRead, BufReader, IoSlice, IoSliceMut, Read},
    mem::MaybeUninit,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
        SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
    },
    process::Pid,
};
use serde::{Deserialize, Serialize};

use super::{
    exit_status::Exit,
    launch::{Launch, Preparation},
    spawn::{Handle, Reach, reap, spawn, wait_readable, watch},
};
use crate::{
    actors::Name,
    workers::link::head::{latin1, to_json},
};

/// The argument that makes the boot file become a zygote.
const ARGUMENT: &str = "zygote";
/// How long it may take to import, and to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest answer, 64 KiB.
const ANSWER: usize = 64 * 1024;
/// A longer line of its output becomes several lines in the log.
const LINE: u64 = 8 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Question<'a> {
    Prepare(&'a Preparation),
    /// The environment of the worker: names and values, each byte a character (Latin-1).
    Fork(Vec<(String, String)>),
    Reap(i32),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Ready,
    /// This zygote is useless now. Another one that leaves these modules out may work.
    Without {
        modules: Vec<String>,
        reason: String,
    },
    Pid(i32),
    Ended {
        code: Option<i32>,
        signal: Option<i32>,
    },
    Failed(String),
    Refused(String),
}

/// A running zygote. It is kept until its last worker has ended and the pool has dropped it.
#[derive(Debug)]
pub(crate) struct Zygote {
    /// The link. The lock allows one question at a time.
    link: Mutex<OwnedFd>,
    handle: Arc<Handle>,
}

/// Why there is no answer.
enum Unanswered {
    /// The question did not reach it.
    Unsent(Errno),
    /// It is not known whether the question was carried out.
    Lost(io::Error),
}

impl From<Unanswered> for io::Error {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::Unsent(error) => error.into(),
            Unanswered::Lost(error) => error,
        }
    }
}

impl Zygote {
    fn ask(&self, question: &Question<'_>, fds: &[BorrowedFd<'_>]) -> Result<Answer, Unanswered> {
        self.ask_for(question, fds, PATIENCE)
    }

    fn ask_for(
        &self,
        question: &Question<'_>,
        fds: &[BorrowedFd<'_>],
        patience: Duration,
    ) -> Result<Answer, Unanswered> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(fds));
        }
        let (text, flags) = (to_json(question), SendFlags::NOSIGNAL);
        sendmsg(&*link, &[IoSlice::new(&text)], &mut control, flags).map_err(Unanswered::Unsent)?;
        receive(&link, patience).map_err(|error| {
            // An answer that came later would be taken for another's.
            self.handle.kill();
            Unanswered::Lost(error)
        })
    }

    /// Reaps a worker that has ended.
    pub(crate) fn reap(&self, pid: Pid) -> Exit {
        match self.ask(&Question::Reap(pid.as_raw_nonzero().get()), &[]) {
            Ok(Answer::Ended { code, signal }) => Exit {
                code,
                signal,
                ..Exit::default()
            },
            _ => Exit {
                reason: Some("how it ended is not known, its zygote is gone".into()),
                ..Exit::default()
            },
        }
    }
}

fn receive(link: &OwnedFd, patience: Duration) -> io::Result<Answer> {
    if !wait_readable(link, Some(patience)) {
        let text = format!("no answer within {patience:?}");
        return Err(io::Error::new(io::ErrorKind::TimedOut, text));
    }
    let mut bytes = vec![0; ANSWER];
    let into = &mut [IoSliceMut::new(&mut bytes)];
    let mut control = RecvAncillaryBuffer::default();
    let got = recvmsg(link, into, &mut control, RecvFlags::empty())?;
    if got.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    serde_json::from_slice(&bytes[..got.bytes]).map_err(io::Error::other)
}

#[derive(Debug)]
enum State {
    /// No zygote runs. The next worker starts one.
    Unborn,
    There(Arc<Zygote>),
    /// A zygote cannot serve this pool.
    Useless,
}

/// Forks the workers of a pool, if the pool has a zygote.
#[derive(Debug)]
pub(crate) struct Forker {
    pool: Name,
    pub(crate) launch: Arc<Launch>,
    /// How long a zygote may take to import.
    patience: Duration,
    /// Modules that cannot be preloaded. This is logged once, and they are not tried again.
    left_out: Mutex<Vec<String>>,
    state: Mutex<State>,
    /// The handle of the zygote that runs, or is being started.
    handle: Mutex<Option<Arc<Handle>>>,
    over: AtomicBool,
}

impl Forker {
    pub(crate) fn new(pool: Name, launch: Launch, patience: Duration) -> Self {
        let state = match launch.zygote {
            Some(_) => State::Unborn,
            None => State::Useless,
        };
        Self {
            pool,
            launch: Arc::new(launch),
            patience,
            left_out: Mutex::default(),
            state: Mutex::new(state),
            handle: Mutex::default(),
            over: AtomicBool::new(false),
        }
    }

    /// Forks a worker. `None`: it has to be started in another way.
    ///
    /// After an error it is not known whether there is a worker with these descriptors.
    pub(crate) fn fork(&self, fds: [BorrowedFd<'_>; 3]) -> io::Result<Option<(Pid, Arc<Zygote>)>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A second time when the one that was there has died meanwhile.
        for _ in 0..2 {
            if let State::Unborn = *state {
                *state = self.start();
            }
            let State::There(zygote) = &*state else {
                return Ok(None);
            };
            match zygote.ask(&Question::Fork(environment(&self.launch)), &fds) {
                Ok(Answer::Pid(pid)) => {
                    let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidData)?;
                    return Ok(Some((pid, Arc::clone(zygote))));
                }
                Ok(Answer::Failed(text)) => {
                    let text = format!("could not fork, a worker is started without it: {text}");
                    self.warn("fork", &text);
                    return Ok(None);
                }
                Ok(Answer::Refused(text)) => {
                    *state = self.useless(&text);
                    return Ok(None);
                }
                Err(Unanswered::Unsent(Errno::MSGSIZE)) => {
                    self.warn("environment", "cannot take an environment as large as this");
                    return Ok(None);
                }
                Err(Unanswered::Unsent(error)) => {
                    *state = State::Unborn;
                    self.warn("gone", &format!("is gone, another is started ({error})"));
                }
                Ok(Answer::Ready | Answer::Without { .. } | Answer::Ended { .. }) => {
                    *state = State::Unborn;
                    return Err(io::Error::other("its zygote gave a wrong answer"));
                }
                Err(Unanswered::Lost(error)) => {
                    *state = State::Unborn;
                    return Err(io::Error::other(format!("its zygote is gone: {error}")));
                }
            }
        }
        Ok(None)
    }

    fn start(&self) -> State {
        let Some(wanted) = &self.launch.zygote else {
            return State::Useless;
        };
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let end = Instant::now() + self.patience;
        // Each time at least one module less.
        loop {
            if self.over.load(Ordering::Acquire) {
                return State::Useless;
            }
            let prepare = wanted.without(&left_out);
            let some = !prepare.preload.is_empty();
            // Without any it needs little, also when the others have used the time up.
            let patience = if some {
                end.saturating_duration_since(Instant::now())
            } else {
                PATIENCE
            };
            let begun = self.spawn().and_then(|zygote| {
                let question = Question::Prepare(&prepare);
                Ok((zygote.ask_for(&question, &[], patience)?, zygote))
            });
            let (modules, text) = match begun {
                Ok((Answer::Ready, zygote)) => return State::There(zygote),
                Ok((Answer::Without { modules, reason }, _)) => (modules, reason),
                Ok((Answer::Refused(text), _)) => (Vec::new(), text),
                Ok(_) => (Vec::new(), "a wrong answer".to_owned()),
                Err(error) => (Vec::new(), error.to_string()),
            };
            if !some {
                return self.useless(&text);
            }
            let modules = if modules.iter().any(|it| prepare.preload.contains(it)) {
                modules
            } else {
                prepare.preload
            };
            if !self.over.load(Ordering::Acquire) {
                let names = modules.join(", ");
                let text = format!(
                    "does not preload {names}, which each worker imports by itself: {text}"
                );
                self.warn(&format!("preload {names}"), &text);
            }
            left_out.extend(modules);
        }
    }

    fn useless(&self, text: &str) -> State {
        if !self.over.load(Ordering::Acquire) {
            let text = format!("cannot serve, so each worker is started by itself: {text}");
            self.warn("useless", &text);
        }
        State::Useless
    }

    fn spawn(&self) -> io::Result<Arc<Zygote>> {
        let flags = SocketFlags::CLOEXEC;
        let (link, other) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        let (name, launch) = (format!("{}-zygote", self.pool), Arc::clone(&self.launch));
        let (tell, told) = mpsc::channel();
        thread::Builder::new()
            .name(format!("transom-{name}"))
            .spawn(move || attend(&name, &launch, other, &tell))?;
        let handle = told.recv().map_err(io::Error::other)??;
        *self.current() = Some(Arc::clone(&handle));
        if self.over.load(Ordering::Acquire) {
            handle.kill();
        }
        let link = Mutex::new(link);
        Ok(Arc::new(Zygote { link, handle }))
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Option<Arc<Handle>>> {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the zygote when the pool has no workers any more. Waits for it, a second at most.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Release);
        let Some(handle) = self.current().take() else {
            return;
        };
        handle.kill();
        let end = Instant::now() + Duration::from_secs(1);
        while !handle.is_dead() && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Logs a warning. `code` keeps different warnings apart, which would otherwise be suppressed
    /// as repeats.
    fn warn(&self, code: &str, text: &str) {
        let pool = &*self.pool;
        log::warn!(target: "transom::worker", code, pool; "the zygote of the pool `{pool}` {text}");
    }
}

/// The main function of a zygote's thread. It starts the zygote, which dies with this thread while
/// it imports, logs what the zygote writes, and reaps it.
fn attend(
    name: &str,
    launch: &Launch,
    link: OwnedFd,
    tell: &mpsc::Sender<io::Result<Arc<Handle>>>,
) {
    let begun = io::pipe().and_then(|(output, out)| {
        let err = out.try_clone()?;
        Ok((output, spawn(launch, &[ARGUMENT], link, out, err)?))
    });
    let (output, pid) = match begun {
        Ok(begun) => begun,
        Err(error) => return drop(tell.send(Err(error))),
    };
    let (handle, ended) = (Arc::new(Handle::new(Reach::Group)), watch(pid));
    let watched = ended.is_some();
    handle.born(pid, ended);
    let _ = tell.send(if watched {
        Ok(Arc::clone(&handle))
    } else {
        handle.kill();
        Err(io::Error::other(
            "this system has no descriptors of processes",
        ))
    });
    let (mut output, mut line) = (BufReader::new(output), Vec::new());
    while let Ok(1..) = output.by_ref().take(LINE).read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(&line);
        log::warn!(target: "transom::worker", worker = name; "{name}: {}", text.trim_end());
        line.clear();
    }
    handle.kill();
    handle.end();
    let exit = reap(pid);
    log::debug!("`{name}` ended: {}", exit.text());
}

/// The environment that a process would get which is started now.
fn environment(launch: &Launch) -> Vec<(String, String)> {
    let mut variables: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    variables.extend(
        launch
            .env
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    );
    let text = |it: &OsString| latin1(it.as_bytes());
    let pairs = variables.iter();
    pairs
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}
