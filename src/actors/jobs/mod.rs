//! Manages jobs: calls whose work goes on after their page has gone.

pub(crate) mod detaching;
pub(crate) mod machine;
