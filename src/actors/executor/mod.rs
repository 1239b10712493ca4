//! Starts calls on one executor: a set of threads, an event loop or a pool of processes.

pub(crate) mod machine;
