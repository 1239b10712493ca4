//! What every actor is made of: a machine that decides, the shell that runs it, and its keeper.

#[cfg(any(test, feature = "faults"))]
pub(crate) mod faults;
mod intensity;
mod keeper;
pub(crate) mod machine;
pub(crate) mod runtime;
pub(crate) mod shell;
#[cfg(test)]
pub(crate) mod shuffle;
#[cfg(test)]
mod tests;
pub(crate) mod trace;
