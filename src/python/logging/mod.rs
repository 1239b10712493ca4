//! Forwards Rust's log records to Python's `logging`.

pub(crate) mod rate_limit;
pub(crate) mod records;
