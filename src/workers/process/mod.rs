//! Starts, watches and ends the processes of workers.

pub(crate) mod exit_status;
#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), path = "no_family.rs")]
pub(crate) mod family;
pub(crate) mod launch;
pub(crate) mod listener;
#[cfg(unix)]
pub(crate) mod spawn;
#[cfg_attr(not(unix), path = "unsupported.rs")]
pub(crate) mod worker;
#[cfg(unix)]
pub(crate) mod worker_process;
#[cfg_attr(not(target_os = "linux"), path = "no_zygote.rs")]
pub(crate) mod zygote;
