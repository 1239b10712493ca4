//! Starts, watches and kills a process without ever killing another one by its id. Unix only.

use std::{
    io::{self, PipeWriter},
    os::fd::{AsFd, OwnedFd},
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid},
};

use super::{exit_status::Exit, family::kill_family, launch::Launch};

/// A descriptor that is readable when the process has ended.
pub(crate) type PidFd = Arc<OwnedFd>;

/// The state of a process, for kills.
#[derive(Debug)]
enum ProcessState {
    Unborn,
    /// It runs. Its process id stays taken until it is reaped, which happens in the next state.
    Alive(Pid, Option<PidFd>),
    /// It was killed before it was started.
    Stillborn,
    Dead,
}

/// The processes that a kill ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KillScope {
    /// The process group.
    Group,
    /// The process group, and the processes that it has started.
    Family,
}

/// Kills a process from any thread, and never another one.
#[derive(Debug)]
pub(crate) struct KillHandle {
    life: Mutex<ProcessState>,
    scope: KillScope,
}

impl KillHandle {
    pub(crate) fn new(scope: KillScope) -> Self {
        let life = Mutex::new(ProcessState::Unborn);
        Self { life, scope }
    }

    fn life(&self) -> std::sync::MutexGuard<'_, ProcessState> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process id, while there is a process.
    pub(crate) fn pid(&self) -> Option<Pid> {
        match *self.life() {
            ProcessState::Alive(pid, _) => Some(pid),
            ProcessState::Unborn | ProcessState::Stillborn | ProcessState::Dead => None,
        }
    }

    /// Sends SIGKILL to what its scope covers. Does nothing if the process is gone.
    pub(crate) fn kill(&self) {
        let mut life = self.life();
        match &*life {
            ProcessState::Alive(pid, watch) => kill(*pid, watch.as_ref(), self.scope),
            ProcessState::Unborn => *life = ProcessState::Stillborn,
            ProcessState::Stillborn | ProcessState::Dead => {}
        }
    }

    pub(crate) fn is_stillborn(&self) -> bool {
        matches!(*self.life(), ProcessState::Stillborn)
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn is_dead(&self) -> bool {
        matches!(*self.life(), ProcessState::Dead)
    }

    /// Notes that the process was started. If it was killed before, it is killed now.
    pub(crate) fn born(&self, pid: Pid, watch: Option<PidFd>) {
        let mut life = self.life();
        if matches!(*life, ProcessState::Stillborn) {
            kill(pid, watch.as_ref(), self.scope);
        }
        *life = ProcessState::Alive(pid, watch);
    }

    /// Notes that it has ended. From here on it may be reaped.
    pub(crate) fn end(&self) {
        *self.life() = ProcessState::Dead;
    }
}

fn kill(pid: Pid, watch: Option<&PidFd>, scope: KillScope) {
    // A worker whose zygote is gone is reaped by the system, and its number may be another's.
    let kill_it = || match watch {
        Some(watch) => kill_watched(watch),
        None => kill_process(pid, Signal::KILL).is_ok(),
    };
    match scope {
        KillScope::Family => {
            let ended = watch.is_some_and(|it| wait_readable(it, Some(Duration::ZERO)));
            kill_family(pid, ended, kill_it);
        }
        KillScope::Group => {
            if kill_it() {
                let _ = kill_process_group(pid, Signal::KILL);
            }
        }
    }
}

/// Starts a program of a pool as a child of this process.
pub(crate) fn spawn(
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

/// Waits for the end of a child, and reaps it.
pub(crate) fn reap(pid: Pid) -> Exit {
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

/// Waits until there is something to read, for at most `most`. False: there is nothing.
pub(crate) fn wait_readable(fd: impl AsFd, most: Option<Duration>) -> bool {
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
pub(crate) fn watch(pid: Pid) -> Option<PidFd> {
    let fd = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty());
    fd.ok().map(Arc::new)
}

/// Sends SIGKILL. False: the process was reaped.
#[cfg(target_os = "linux")]
fn kill_watched(watch: &PidFd) -> bool {
    rustix::process::pidfd_send_signal(watch, Signal::KILL).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn watch(_: Pid) -> Option<PidFd> {
    None
}

#[cfg(not(target_os = "linux"))]
fn kill_watched(_: &PidFd) -> bool {
    true
}
