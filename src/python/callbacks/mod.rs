//! Calls Python callables for Tauri's events, on threads of their own.

pub(crate) mod callback;
pub(crate) mod close_question;
pub(crate) mod errand;
pub(crate) mod queue;
#[cfg(feature = "menus")]
pub(crate) mod subscription;
pub(crate) mod threads;
