//! What every actor is made of: a machine that decides, the shell that runs it, and their thread.

#[cfg(any(test, feature = "faults"))]
pub(crate) mod faults;
mod intensity;
pub(crate) mod machine;
pub(crate) mod runtime;
pub(crate) mod shell;
pub(crate) mod trace;
