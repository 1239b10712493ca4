//! Starts the process of a worker, by its zygote or directly, and reaps it at its end. Unix only.
//!
//! A worker is forked by the pool's zygote, or started by this process if there is none. Either way
//! it creates its own session (`os.setsid`) first of all. So a kill finds its children, and the
//! terminal's Ctrl-C never reaches it.

use std::{
    io::{self, PipeReader},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::Arc,
    time::Duration,
};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::{
    exit_status::Exit,
    family::wait_for_trackers,
    spawn::{KillHandle, PidFd, reap, spawn, wait_readable, watch},
    zygote::{Forker, Zygote},
};

/// The process that reaps a worker, and so learns how it ended.
#[derive(Debug)]
enum Reaper {
    Host,
    Zygote(Arc<Zygote>),
}

/// A running process, owned by the thread that started it.
#[derive(Debug)]
pub(crate) struct WorkerProcess {
    pub(crate) pid: Pid,
    reaper: Reaper,
    pub(crate) stdout: Option<PipeReader>,
    pub(crate) stderr: Option<PipeReader>,
    /// Where the system has process descriptors.
    pub(crate) ended: Option<PidFd>,
}

impl WorkerProcess {
    /// Starts a worker. It finds its end of the link as its standard input.
    pub(crate) fn start(
        forker: &Forker,
        link: UnixStream,
        handle: &KillHandle,
    ) -> io::Result<Self> {
        let (stdout, out) = io::pipe()?;
        let (stderr, err) = io::pipe()?;
        let forked = forker.fork([link.as_fd(), out.as_fd(), err.as_fd()])?;
        // A zygote may take its time to start.
        if forked.is_none() && handle.is_stillborn() {
            return Err(io::Error::other("killed before it was started"));
        }
        let (pid, reaper) = match forked {
            Some((pid, zygote)) => (pid, Reaper::Zygote(zygote)),
            None => (
                spawn(&forker.launch, &[], link.into(), out, err)?,
                Reaper::Host,
            ),
        };
        let ended = watch(pid);
        handle.born(pid, ended.clone());
        Ok(Self {
            pid,
            reaper,
            stdout: Some(stdout),
            stderr: Some(stderr),
            ended,
        })
    }

    /// Whether the process has ended. This does not reap it.
    pub(crate) fn has_ended(&self) -> bool {
        match (&self.ended, &self.reaper) {
            (Some(ended), _) => wait_readable(ended, Some(Duration::ZERO)),
            (None, Reaper::Host) => {
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
                !matches!(waitid(WaitId::Pid(self.pid), options), Ok(None))
            }
            // There was no such process any more.
            (None, Reaper::Zygote(_)) => true,
        }
    }

    /// Kills what is left of the process and its family, and reaps the process.
    pub(crate) fn end(&mut self, handle: &KillHandle) -> Exit {
        handle.kill();
        if handle.pid().is_some() {
            wait_for_trackers(self.pid, self.has_ended());
        }
        handle.end();
        match &self.reaper {
            Reaper::Host => reap(self.pid),
            Reaper::Zygote(zygote) => {
                if let Some(ended) = &self.ended {
                    wait_readable(ended, None);
                }
                zygote.reap(self.pid)
            }
        }
    }
}
