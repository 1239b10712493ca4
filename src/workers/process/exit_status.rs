//! Describes how a worker's process ended, for logs and error messages.

use serde::{Deserialize, Serialize};

use crate::error::{CallError, ErrorCode};

/// How a worker's process ended, and the end of its standard error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
    /// The reason why the host killed it, if the host did.
    pub reason: Option<String>,
    /// The end of its standard error, 8 KiB at most.
    pub stderr: String,
}

impl Exit {
    /// The exit of a process that could not be started.
    pub(crate) fn never_started(reason: String) -> Self {
        Self {
            reason: Some(reason),
            ..Self::default()
        }
    }

    /// The same exit, with the reason why the host killed the process.
    pub(crate) fn because(self, reason: &str) -> Self {
        let reason = Some(reason.into());
        Self { reason, ..self }
    }

    /// A text for people: `exit code 3`, `signal 11 (SIGSEGV)`.
    pub(crate) fn text(&self) -> String {
        let how = match (self.code, self.signal) {
            (_, Some(signal)) => match signal_name(signal) {
                Some(name) => format!("signal {signal} ({name})"),
                None => format!("signal {signal}"),
            },
            (Some(code), None) => format!("exit code {code}"),
            (None, None) => String::new(),
        };
        match (&self.reason, how.is_empty()) {
            (Some(reason), true) => reason.clone(),
            (Some(reason), false) => format!("{reason}; {how}"),
            (None, _) => how,
        }
    }

    /// Adds the end of a process to an error.
    fn describe(&self, error: CallError) -> CallError {
        error
            .with("exitCode", self.code)
            .with("signal", self.signal)
            .with("signalName", self.signal.and_then(signal_name))
            .with("stderr", self.stderr.clone())
    }

    /// The error of a call whose worker died, or for which no worker could be started.
    pub(crate) fn worker_lost(&self, worker: &str, started: bool) -> CallError {
        let when = if started {
            "died during the call"
        } else {
            "died before it could run the call"
        };
        let text = format!("the worker process `{worker}` {when}: {}", self.text());
        let error = CallError::new(ErrorCode::WorkerLost, text)
            .with("worker", worker)
            .with("started", started);
        self.describe(error)
    }

    /// The error of a pool whose workers die before they can work.
    pub(crate) fn unavailable(&self, pool: &str, retry_after: u64) -> CallError {
        let text = format!(
            "the pool `{pool}` is unavailable: its worker processes die before they can work ({}); \
             it tries again in {} s",
            self.text(),
            retry_after.div_ceil(1000)
        );
        let error = CallError::new(ErrorCode::Unavailable, text)
            .with("pool", pool)
            .with("retryAfterMs", retry_after);
        self.describe(error)
    }
}

/// The names of signals that end a process. Signal numbers differ between systems.
#[cfg(unix)]
fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        libc::SIGHUP => "SIGHUP",
        libc::SIGINT => "SIGINT",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGILL => "SIGILL",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGKILL => "SIGKILL",
        libc::SIGUSR1 => "SIGUSR1",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGUSR2 => "SIGUSR2",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGALRM => "SIGALRM",
        libc::SIGTERM => "SIGTERM",
        libc::SIGXCPU => "SIGXCPU",
        libc::SIGXFSZ => "SIGXFSZ",
        libc::SIGVTALRM => "SIGVTALRM",
        libc::SIGPROF => "SIGPROF",
        libc::SIGSYS => "SIGSYS",
        _ => return None,
    })
}

#[cfg(not(unix))]
fn signal_name(_signal: i32) -> Option<&'static str> {
    None
}
