//! Implements the link between the host and a worker: frames over a socket, and shared memory.

pub(crate) mod frame;
pub(crate) mod head;
#[cfg(unix)]
pub(crate) mod reader;
#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), path = "no_shared_memory.rs")]
pub(crate) mod shared_memory;
#[cfg(unix)]
pub(crate) mod writer;
