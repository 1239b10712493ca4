//! Transom joins [Tauri](https://tauri.app) windows to Python.
//!
//! | room | job |
//! | --- | --- |
//! | [`actors`] | supervisor, window, command and executor: pure state machines, one shell that serialises their steps |
//! | `sync` | what threads agree on without waiting for each other; checked by loom |
//! | [`ipc`] | the wire: frames in, scope, settling, what waits for the page |
//! | [`workers`] | executors in processes of their own; knows the actors only |
//! | [`python`] | the bindings: one noun per file, the only room that touches the interpreter |
//! | `context` | (feature `wheel`) a Tauri context made at run time from a folder |
//! | `json` | what JSON a page can read |
//! | [`Builder`] | the plugin for an app written in Rust |
//! | [`error`] | the one list of error codes |

#![deny(unsafe_code)]

pub mod actors;
mod builder;
#[cfg(test)]
mod cases;
#[cfg(feature = "wheel")]
pub(crate) mod context;
pub mod error;
mod fork;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod host;
pub mod ipc;
mod json;
mod network;
mod page;
mod plugin;
pub(crate) mod python;
#[cfg(target_os = "linux")]
mod remains;
mod renderer;
mod script_messages;
pub(crate) mod sync;
mod window_values;
pub mod workers;

pub use actors::Limits;
pub use builder::Builder;
