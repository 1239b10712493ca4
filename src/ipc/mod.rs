//! Implements the wire protocol between the pages and the actors: frames in, answers out.
//!
//! The protocol is described in `docs/internals/protocol.md`.
//!
//! | file | job |
//! | --- | --- |
//! | `frame` | parses what a page sends |
//! | `inlets` | converts what Tauri and WebKit bring into frames, and decides who may send it |
//! | `handler` | parses frames and passes them to the actors, whichever way they came |
//! | `scope` | the scope entries that Tauri resolved for a message |
//! | `reply` | converts an outcome into the answer to a frame |
//! | `outbox` | frames that wait for a page to pull them: a pure state machine |
//! | `pages` | the pages of an app, their backlogs, and their channels |
//! | `app` | access to the app's actors, its UI thread, and a clock |
//! | `bridge` | connects the actors to the pages |

mod app;
mod bridge;
mod frame;
mod handler;
mod holding;
mod inlets;
pub(crate) mod json;
mod outbox;
mod pages;
mod reply;
mod scope;

pub use bridge::{Bridge, PageCallError, PageCallResult};
pub use frame::{CallHead, Control};
pub(crate) use handler::{PageFrame, call, control, next, pull};
#[cfg(target_os = "linux")]
pub(crate) use holding::hold;
#[cfg(target_os = "linux")]
pub(crate) use inlets::invoke::after;
pub use inlets::invoke::handle;
#[cfg(feature = "python-main")]
pub(crate) use inlets::invoke::handle_pytauri;
#[cfg(feature = "python-main")]
pub(crate) use inlets::pytauri::{COMMAND as PYTAURI_COMMAND, Noted};
#[cfg(any(test, fuzzing, target_os = "linux"))]
pub(crate) use inlets::script_message::receive;
#[cfg(target_os = "linux")]
pub(crate) use inlets::script_message::{BY_REQUEST, Reply};
pub use outbox::{Down, Outbox, Pull};
pub(crate) use pages::channels::WebviewChannel;
pub(crate) use pages::page::Page;
pub(crate) use pages::scripts::{had, read_had};
pub(crate) use scope::of_entries as scope_of_entries;
