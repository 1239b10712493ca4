//! Calls Python callables for Tauri's events, on threads of their own.

pub(crate) mod callback;
pub(crate) mod close_question;
pub(crate) mod errand;
pub(crate) mod queue;
pub(crate) mod threads;
