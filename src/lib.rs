//! Transom joins [Tauri](https://tauri.app) windows to Python.
//!
//! An app is built in one of three ways, with the same commands and the same pages:
//!
//! - in Rust, where [`Builder`] makes a plugin like any other;
//! - by Python's `main`, from a crate of the app's own (feature `python-main`): `pymodule_export`
//!   makes its extension module, and `standalone` its executable;
//! - in Python alone, with the wheel of the package `transom`.
//!
//! | module | job |
//! | --- | --- |
//! | [`actors`] | schedules calls: actors for windows, commands and executors |
//! | `sync` | the protocols by which threads coordinate; checked by loom |
//! | [`ipc`] | the wire protocol: frames in, answers out, and what waits for a page |
//! | `desktop` | the Tauri plugin, and workarounds for WebKitGTK |
//! | [`workers`] | pools of worker processes; knows the actors only |
//! | `python` | the Python bindings; the only module that touches the interpreter |
//! | `pymodule_export`, `standalone` | (feature `python-main`) the app as a module or an executable |
//! | `context` | (feature `wheel`) makes a Tauri context at run time from a folder |
//! | [`Builder`] | builds the plugin for an app written in Rust |
//! | [`error`] | all error codes |

#![deny(unsafe_code)]

pub mod actors;
mod builder;
#[cfg(feature = "wheel")]
pub(crate) mod context;
mod desktop;
pub mod error;
mod fork;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod host;
pub mod ipc;
pub(crate) mod python;
pub(crate) mod sync;
pub mod workers;

pub use actors::Limits;
#[cfg(feature = "faults")]
#[doc(hidden)]
pub use actors::panic_next;
pub use builder::Builder;
#[cfg(feature = "python-main")]
pub use python::app::app_crate::{export::pymodule_export, standalone};
