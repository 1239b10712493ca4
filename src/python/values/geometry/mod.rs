//! Defines the Python classes for positions and sizes on a screen.

pub(crate) mod monitor;
pub(crate) mod position;
pub(crate) mod rect;
pub(crate) mod size;
