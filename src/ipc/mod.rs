//! Implements the wire protocol between the pages and the actors: frames in, answers out.
//!
//! The protocol is described in `docs/internals/protocol.md`.
//!
//! | file | job |
//! | --- | --- |
//! | `frame` | parses what a page sends |
//! | `inlet` | converts Tauri's invoke messages into frames, on the UI thread |
//! | `messages`, `message_inlet` | who may send script messages, and how they become frames |
//! | `handler` | parses frames and passes them to the actors, whichever way they came |
//! | `pytauri` | the calls of PyTauri's client |
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
mod inlet;
#[cfg_attr(
    not(any(test, fuzzing, target_os = "linux")),
    expect(dead_code, reason = "none come there")
)]
mod message_inlet;
#[cfg_attr(
    not(any(test, fuzzing, target_os = "linux")),
    expect(dead_code, reason = "none come there")
)]
mod messages;
mod outbox;
mod pages;
#[cfg(feature = "wheel")]
mod pytauri;
mod reply;
mod scope;

pub use bridge::{Bridge, PageCallError, PageCallResult};
pub use frame::{CallHead, Control};
pub(crate) use handler::{Frame, call, control, next, pull};
#[cfg(target_os = "linux")]
pub(crate) use holding::hold;
#[cfg(target_os = "linux")]
pub(crate) use inlet::after;
pub use inlet::handle;
#[cfg(feature = "wheel")]
pub(crate) use inlet::handle_pytauri;
#[cfg(any(test, fuzzing, target_os = "linux"))]
pub(crate) use message_inlet::receive;
#[cfg(target_os = "linux")]
pub(crate) use message_inlet::{BY_REQUEST, Reply};
pub use outbox::{Down, Outbox, Pull};
pub(crate) use pages::channels::WebviewChannel;
pub(crate) use pages::page::Page;
pub(crate) use pages::scripts::{had, read_had};
#[cfg(feature = "wheel")]
pub(crate) use pytauri::Noted;
pub(crate) use scope::of_entries as scope_of_entries;
pub(crate) mod json;
