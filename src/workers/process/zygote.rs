//! Manages a pool's zygote: a process that has imported the common modules and forks the workers.
//!
//! Linux only. `conversation` says what the zygote is asked.

mod conversation;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, BufRead, BufReader, Read},
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
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    process::Pid,
};

use self::conversation::{NoAnswer, PATIENCE, Question, ZygoteAnswer};
use super::{
    launch::Launch,
    spawn::{KillHandle, KillScope, reap, spawn, watch},
};
use crate::{actors::Name, workers::link::head::latin1};

pub(crate) use conversation::Zygote;

/// The argument that makes the boot file become a zygote.
const ARGUMENT: &str = "zygote";
/// A longer line of its output becomes several lines in the log.
const LINE: u64 = 8 * 1024;

#[derive(Debug)]
enum ZygoteState {
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
    state: Mutex<ZygoteState>,
    /// The handle of the zygote that runs, or is being started.
    handle: Mutex<Option<Arc<KillHandle>>>,
    /// Whether the modules that it has imported have changed, so that another is to take its place.
    outdated: AtomicBool,
    over: AtomicBool,
}

impl Forker {
    pub(crate) fn new(pool: Name, launch: Launch, patience: Duration) -> Self {
        let state = match launch.zygote {
            Some(_) => ZygoteState::Unborn,
            None => ZygoteState::Useless,
        };
        Self {
            pool,
            launch: Arc::new(launch),
            patience,
            left_out: Mutex::default(),
            state: Mutex::new(state),
            handle: Mutex::default(),
            outdated: AtomicBool::new(false),
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
            if self.outdated.swap(false, Ordering::AcqRel) {
                self.drop_outdated(&mut state);
            }
            if let ZygoteState::Unborn = *state {
                *state = self.start();
            }
            let ZygoteState::There(zygote) = &*state else {
                return Ok(None);
            };
            match zygote.ask(&Question::Fork(environment(&self.launch)), &fds) {
                Ok(ZygoteAnswer::Pid(pid)) => {
                    let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidData)?;
                    return Ok(Some((pid, Arc::clone(zygote))));
                }
                Ok(ZygoteAnswer::Failed(text)) => {
                    let text = format!("could not fork, a worker is started without it: {text}");
                    self.warn("fork", &text);
                    return Ok(None);
                }
                Ok(ZygoteAnswer::Refused(text)) => {
                    *state = self.useless(&text);
                    return Ok(None);
                }
                Err(NoAnswer::Unsent(Errno::MSGSIZE)) => {
                    self.warn("environment", "cannot take an environment as large as this");
                    return Ok(None);
                }
                Err(NoAnswer::Unsent(error)) => {
                    *state = ZygoteState::Unborn;
                    self.warn("gone", &format!("is gone, another is started ({error})"));
                }
                Ok(
                    ZygoteAnswer::Ready | ZygoteAnswer::Without { .. } | ZygoteAnswer::Ended { .. },
                ) => {
                    *state = ZygoteState::Unborn;
                    return Err(io::Error::other("its zygote gave a wrong answer"));
                }
                Err(NoAnswer::Lost(error)) => {
                    *state = ZygoteState::Unborn;
                    return Err(io::Error::other(format!("its zygote is gone: {error}")));
                }
            }
        }
        Ok(None)
    }

    /// Has another zygote fork the next worker. Those that this one has forked live on.
    pub(crate) fn renew(&self) {
        self.outdated.store(true, Ordering::Release);
    }

    /// Ends the zygote, and tries the modules again that could not be preloaded.
    fn drop_outdated(&self, state: &mut ZygoteState) {
        if self.launch.zygote.is_none() {
            return;
        }
        if let ZygoteState::There(zygote) = state {
            zygote.handle.kill();
        }
        self.left_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        *state = ZygoteState::Unborn;
    }

    fn start(&self) -> ZygoteState {
        let Some(wanted) = &self.launch.zygote else {
            return ZygoteState::Useless;
        };
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let end = Instant::now() + self.patience;
        // Each time at least one module less.
        loop {
            if self.over.load(Ordering::Acquire) {
                return ZygoteState::Useless;
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
                Ok((ZygoteAnswer::Ready, zygote)) => return ZygoteState::There(zygote),
                Ok((ZygoteAnswer::Without { modules, reason }, _)) => (modules, reason),
                Ok((ZygoteAnswer::Refused(text), _)) => (Vec::new(), text),
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

    fn useless(&self, text: &str) -> ZygoteState {
        if !self.over.load(Ordering::Acquire) {
            let text = format!("cannot serve, so each worker is started by itself: {text}");
            self.warn("useless", &text);
        }
        ZygoteState::Useless
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

    fn current(&self) -> std::sync::MutexGuard<'_, Option<Arc<KillHandle>>> {
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
    tell: &mpsc::Sender<io::Result<Arc<KillHandle>>>,
) {
    let begun = io::pipe().and_then(|(output, out)| {
        let err = out.try_clone()?;
        Ok((output, spawn(launch, &[ARGUMENT], link, out, err)?))
    });
    let (output, pid) = match begun {
        Ok(begun) => begun,
        Err(error) => return drop(tell.send(Err(error))),
    };
    let (handle, ended) = (Arc::new(KillHandle::new(KillScope::Group)), watch(pid));
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
