//! Starting, watching and killing a process. Unix.
//!
//! The worker makes its own session (`os.setsid`) first of all, so that a kill of its process group
//! takes its own children along and the terminal's Ctrl-C never reaches it.

use std::{
    io,
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::ExitStatusExt},
    },
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

use super::{exit::Exit, shell::Launch};

/// What a kill may reach. The process id stays taken until the child is reaped, which happens
/// under the same lock.
#[derive(Debug)]
enum Life {
    Unborn,
    Alive(Pid),
    /// Killed before it was born.
    Stillborn,
    Dead,
}

/// Kills a process from any thread, and never another one.
#[derive(Debug)]
pub(super) struct Handle(Mutex<Life>);

impl Handle {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Life::Unborn))
    }

    fn life(&self) -> std::sync::MutexGuard<'_, Life> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process, while there is one.
    pub(super) fn pid(&self) -> Option<Pid> {
        match *self.life() {
            Life::Alive(pid) => Some(pid),
            Life::Unborn | Life::Stillborn | Life::Dead => None,
        }
    }

    /// SIGKILL to the process group. Does nothing to a process that is gone.
    pub(super) fn kill(&self) {
        let mut life = self.life();
        match *life {
            Life::Alive(pid) => kill_group(pid),
            Life::Unborn => *life = Life::Stillborn,
            Life::Stillborn | Life::Dead => {}
        }
    }
}

fn kill_group(pid: Pid) {
    // Before the worker has made its session there is no such group, and no child of its own.
    if kill_process_group(pid, Signal::KILL).is_err() {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Resident bytes of a process, where the system tells them.
pub(super) fn resident(pid: Pid) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{}/statm", pid.as_raw_nonzero())).ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// A running process, in the hands of the thread that started it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pub(super) pid: Pid,
    pub(super) stdout: Option<ChildStdout>,
    pub(super) stderr: Option<ChildStderr>,
    /// Readable when the process has ended, where the system has such a thing.
    pub(super) ended: Option<OwnedFd>,
}

impl Process {
    /// Starts a worker that finds its end of the link as its standard input.
    pub(super) fn start(launch: &Launch, link: UnixStream, handle: &Handle) -> io::Result<Self> {
        let (program, arguments) = launch
            .command
            .split_first()
            .ok_or_else(|| io::Error::other("no program"))?;
        let mut life = handle.life();
        if matches!(*life, Life::Stillborn) {
            return Err(io::Error::other("killed before it was started"));
        }
        let mut child = Command::new(program)
            .args(arguments)
            .envs(&launch.env)
            .stdin(Stdio::from(OwnedFd::from(link)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pid = Pid::from_child(&child);
        *life = Life::Alive(pid);
        Ok(Self {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            child,
            pid,
            ended: watch(pid),
        })
    }

    /// Whether the process has ended. It is not reaped yet.
    pub(super) fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.pid), options), Ok(None))
    }

    /// Kills what is left of the process and its group, and reaps it.
    pub(super) fn end(&mut self, handle: &Handle) -> Exit {
        let mut life = handle.life();
        kill_group(self.pid);
        let status = self.child.wait();
        *life = Life::Dead;
        let status = status.ok();
        Exit {
            code: status.and_then(|it| it.code()),
            signal: status.and_then(|it| it.signal()),
            ..Exit::default()
        }
    }
}

#[cfg(target_os = "linux")]
fn watch(pid: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn watch(_: Pid) -> Option<OwnedFd> {
    None
}
