//! Talks with a zygote: one question, one answer.
//!
//! The zygote has one thread. The threads of the workers ask it one question at a time:
//!
//! | question | answer |
//! | --- | --- |
//! | `prepare`: modules to import | `"ready"`; `without`: modules that it must leave out to stay fit to fork; `refused` for good |
//! | `fork`, with the worker's link, output and error output as descriptors | `pid`; `failed`, this time; `refused` |
//! | `reap`: a process that has ended | `ended`: exit code or signal |
//!
//! A worker is the zygote's child, so the zygote learns how it ended. It reaps a worker only when
//! asked, so that the process id stays taken for as long as the host may kill it. When the host's
//! end of the link is gone, the zygote kills the remaining workers and ends. Its own death costs no
//! worker: the next start makes another zygote, and only how those workers end is not known then.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{BorrowedFd, OwnedFd},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::{
    io::Errno,
    net::{
        RecvAncillaryBuffer, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
        recvmsg, sendmsg,
    },
    process::Pid,
};
use serde::{Deserialize, Serialize};

use crate::workers::{
    link::head::to_json,
    process::{
        exit_status::Exit,
        launch::Preparation,
        spawn::{KillHandle, wait_readable},
    },
};

/// How long it may take to import, and to answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// The largest answer, 64 KiB.
const ANSWER: usize = 64 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Question<'a> {
    Prepare(&'a Preparation),
    /// The environment of the worker: names and values, each byte a character (Latin-1).
    Fork(Vec<(String, String)>),
    Reap(i32),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ZygoteAnswer {
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
    pub(super) link: Mutex<OwnedFd>,
    pub(super) handle: Arc<KillHandle>,
}

/// Why there is no answer.
pub(super) enum NoAnswer {
    /// The question did not reach it.
    Unsent(Errno),
    /// It is not known whether the question was carried out.
    Lost(io::Error),
}

impl From<NoAnswer> for io::Error {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::Unsent(error) => error.into(),
            NoAnswer::Lost(error) => error,
        }
    }
}

impl Zygote {
    pub(super) fn ask(
        &self,
        question: &Question<'_>,
        fds: &[BorrowedFd<'_>],
    ) -> Result<ZygoteAnswer, NoAnswer> {
        self.ask_for(question, fds, PATIENCE)
    }

    pub(super) fn ask_for(
        &self,
        question: &Question<'_>,
        fds: &[BorrowedFd<'_>],
        patience: Duration,
    ) -> Result<ZygoteAnswer, NoAnswer> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(fds));
        }
        let (text, flags) = (to_json(question), SendFlags::NOSIGNAL);
        sendmsg(&*link, &[IoSlice::new(&text)], &mut control, flags).map_err(NoAnswer::Unsent)?;
        receive(&link, patience).map_err(|error| {
            // An answer that came later would be taken for another's.
            self.handle.kill();
            NoAnswer::Lost(error)
        })
    }

    /// Reaps a worker that has ended.
    pub(crate) fn reap(&self, pid: Pid) -> Exit {
        match self.ask(&Question::Reap(pid.as_raw_nonzero().get()), &[]) {
            Ok(ZygoteAnswer::Ended { code, signal }) => Exit {
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

fn receive(link: &OwnedFd, patience: Duration) -> io::Result<ZygoteAnswer> {
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
