//! Starting, watching and killing a process. Unix.
//!
//! A worker is forked by the pool's zygote, or started by this process when there is none. Either
//! way it makes its own session (`os.setsid`) first of all, so that a kill finds its own children
//! and the terminal's Ctrl-C never reaches it.

use std::{
    io::{self, PipeReader, PipeWriter},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{
        Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, kill_process_group, waitid,
        waitpid,
    },
};

use super::{
    exit::Exit,
    family::{kill_family, wait_for_trackers},
    shell::Launch,
    zygote::{Nursery, Zygote},
};

/// Readable when the process has ended.
pub(super) type Watch = Arc<OwnedFd>;

/// What a kill may reach.
#[derive(Debug)]
enum Life {
    Unborn,
    /// The process id stays taken until the process is reaped, which happens in the next state.
    Alive(Pid, Option<Watch>),
    /// Killed before it was born.
    Stillborn,
    Dead,
}

/// How far a kill goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The process group.
    Group,
    /// What the process has started, too.
    Family,
}

/// Kills a process from any thread, and never another one.
#[derive(Debug)]
pub(super) struct Handle {
    life: Mutex<Life>,
    reach: Reach,
}

impl Handle {
    pub(super) fn new(reach: Reach) -> Self {
        let life = Mutex::new(Life::Unborn);
        Self { life, reach }
    }

    fn life(&self) -> std::sync::MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process, while there is one.
    pub(super) fn pid(&self) -> Option<Pid> {
        match *self.life() {
            Life::Alive(pid, _) => Some(pid),
            Life::Unborn | Life::Stillborn | Life::Dead => None,
        }
    }

    /// SIGKILL, as far as it reaches. Does nothing to a process that is gone.
    pub(super) fn kill(&self) {
        let mut life = self.life();
        match &*life {
            Life::Alive(pid, watch) => kill(*pid, watch.as_ref(), self.reach),
            Life::Unborn => *life = Life::Stillborn,
            Life::Stillborn | Life::Dead => {}
        }
    }

    fn is_stillborn(&self) -> bool {
        matches!(*self.life(), Life::Stillborn)
    }

    #[cfg(target_os = "linux")]
    pub(super) fn is_dead(&self) -> bool {
        matches!(*self.life(), Life::Dead)
    }

    /// The process is there. One that was killed before is killed now.
    pub(super) fn born(&self, pid: Pid, watch: Option<Watch>) {
        let mut life = self.life();
        if matches!(*life, Life::Stillborn) {
            kill(pid, watch.as_ref(), self.reach);
        }
        *life = Life::Alive(pid, watch);
    }

    /// It has ended: from here on it may be reaped.
    pub(super) fn end(&self) {
        *self.life() = Life::Dead;
    }
}

fn kill(pid: Pid, watch: Option<&Watch>, reach: Reach) {
    // A worker whose zygote is gone is reaped by the system, and its number may be another's.
    let kill_it = || match watch {
        Some(watch) => kill_watched(watch),
        None => kill_process(pid, Signal::KILL).is_ok(),
    };
    match reach {
        Reach::Family => kill_family(pid, kill_it),
        Reach::Group => {
            if kill_it() {
                let _ = kill_process_group(pid, Signal::KILL);
            }
        }
    }
}

/// Who reaps a process, and so learns how it ended.
#[derive(Debug)]
enum Parent {
    Host,
    Zygote(Arc<Zygote>),
}

/// A running process, in the hands of the thread that started it.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: Pid,
    parent: Parent,
    pub(super) stdout: Option<PipeReader>,
    pub(super) stderr: Option<PipeReader>,
    /// Where the system has such a thing.
    pub(super) ended: Option<Watch>,
}

impl Process {
    /// Starts a worker that finds its end of the link as its standard input.
    pub(super) fn start(nursery: &Nursery, link: UnixStream, handle: &Handle) -> io::Result<Self> {
        let (stdout, out) = io::pipe()?;
        let (stderr, err) = io::pipe()?;
        let forked = nursery.fork([link.as_fd(), out.as_fd(), err.as_fd()])?;
        // A zygote may take its time to start.
        if forked.is_none() && handle.is_stillborn() {
            return Err(io::Error::other("killed before it was started"));
        }
        let (pid, parent) = match forked {
            Some((pid, zygote)) => (pid, Parent::Zygote(zygote)),
            None => (
                spawn(&nursery.launch, &[], link.into(), out, err)?,
                Parent::Host,
            ),
        };
        let ended = watch(pid);
        handle.born(pid, ended.clone());
        Ok(Self {
            pid,
            parent,
            stdout: Some(stdout),
            stderr: Some(stderr),
            ended,
        })
    }

    /// Whether the process has ended. It is not reaped yet.
    pub(super) fn has_ended(&self) -> bool {
        match (&self.ended, &self.parent) {
            (Some(ended), _) => wait_readable(ended, Some(Duration::ZERO)),
            (None, Parent::Host) => {
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
                !matches!(waitid(WaitId::Pid(self.pid), options), Ok(None))
            }
            // There was no such process any more.
            (None, Parent::Zygote(_)) => true,
        }
    }

    /// Kills what is left of the process and its family, and reaps it.
    pub(super) fn end(&mut self, handle: &Handle) -> Exit {
        handle.kill();
        if handle.pid().is_some() {
            wait_for_trackers(self.pid);
        }
        handle.end();
        match &self.parent {
            Parent::Host => reap(self.pid),
            Parent::Zygote(zygote) => {
                if let Some(ended) = &self.ended {
                    wait_readable(ended, None);
                }
                zygote.reap(self.pid)
            }
        }
    }
}

/// Starts a program of the pool's as a child of this process.
pub(super) fn spawn(
    launch: &Launch,
    arguments: &[&str],
    link: OwnedFd,
    out: PipeWriter,
    err: PipeWriter,
) -> io::Result<Pid> {
    let (program, rest) = launch
        .command
        .split_first()
        .ok_or_else(|| io::Error::other("no program"))?;
    let child = Command::new(program)
        .args(rest)
        .args(arguments)
        .envs(&launch.env)
        .stdin(Stdio::from(link))
        .stdout(out)
        .stderr(err)
        .spawn()?;
    Ok(Pid::from_child(&child))
}

/// Waits for the end of a child.
pub(super) fn reap(pid: Pid) -> Exit {
    let status = loop {
        match waitpid(Some(pid), WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            found => break found.ok().flatten(),
        }
    };
    Exit {
        code: status.and_then(|(_, it)| it.exit_status()),
        signal: status.and_then(|(_, it)| it.terminating_signal()),
        ..Exit::default()
    }
}

/// Waits until there is something to read, at most that long. False: there is not.
pub(super) fn wait_readable(fd: impl AsFd, most: Option<Duration>) -> bool {
    let end = most.map(|most| Instant::now() + most);
    loop {
        let rest = end.map(|end| end.saturating_duration_since(Instant::now()));
        let rest = rest.and_then(|rest| Timespec::try_from(rest).ok());
        match poll(&mut [PollFd::new(&fd, PollFlags::IN)], rest.as_ref()) {
            Err(rustix::io::Errno::INTR) => {}
            ready => return ready.is_ok_and(|count| count > 0),
        }
    }
}

#[cfg(target_os = "linux")]
pub(super) fn watch(pid: Pid) -> Option<Watch> {
    let fd = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty());
    fd.ok().map(Arc::new)
}

/// SIGKILL. False: the process has been reaped.
#[cfg(target_os = "linux")]
fn kill_watched(watch: &Watch) -> bool {
    rustix::process::pidfd_send_signal(watch, Signal::KILL).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn watch(_: Pid) -> Option<Watch> {
    None
}

#[cfg(not(target_os = "linux"))]
fn kill_watched(_: &Watch) -> bool {
    true
}
