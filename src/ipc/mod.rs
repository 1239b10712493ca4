//! The wire: frames in, answers out. What it means is in `docs/internals/protocol.md`.
//!
//! | file | job |
//! | --- | --- |
//! | `frame` | decodes what a page sends |
//! | `inlet` | Tauri's invoke messages become frames, on the UI thread |
//! | `messages` | calls that come as script messages instead, and who may send them |
//! | `handler` | takes frames apart, whatever carried them: decodes and enqueues |
//! | `scope` | the scope entries that Tauri resolved for a message |
//! | `reply` | an outcome becomes the answer to a frame |
//! | `outbox` | what waits for a page to pull it: pure |
//! | `channels` | channels of pages, by the window that called |
//! | `bridge` | the outboxes, tickets and page calls of an app |

mod bridge;
mod channels;
mod frame;
mod handler;
mod holding;
mod inlet;
#[cfg_attr(
    not(any(test, fuzzing, target_os = "linux")),
    expect(dead_code, reason = "none come there")
)]
mod messages;
mod outbox;
mod reply;
mod scope;

pub use bridge::{Bridge, PageCallError, PageCallResult};
pub(crate) use channels::{Page, WebviewChannel};
pub use frame::{CallHead, Control};
pub(crate) use handler::{Frame, call, control, next, pull};
#[cfg(target_os = "linux")]
pub(crate) use holding::hold;
#[cfg(target_os = "linux")]
pub(crate) use inlet::after;
pub use inlet::handle;
#[cfg(any(test, fuzzing, target_os = "linux"))]
pub(crate) use messages::receive;
#[cfg(target_os = "linux")]
pub(crate) use messages::{BY_REQUEST, Reply};
pub use outbox::{Down, Outbox, Pull};
pub(crate) use scope::of_entries as scope_of_entries;
