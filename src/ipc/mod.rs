//! The wire: frames in, answers out. What it means is in `docs/protocol.md`.
//!
//! | file | job |
//! | --- | --- |
//! | `frame` | decodes what a page sends |
//! | `handler` | takes Tauri's invoke messages apart, on the UI thread: decodes and enqueues |
//! | `scope` | the scope entries that Tauri resolved for a message |
//! | `reply` | an outcome becomes Tauri's answer |
//! | `outbox` | what waits for a page to pull it: pure |
//! | `bridge` | the outboxes, tickets and page calls of an app |

mod bridge;
mod frame;
mod handler;
mod outbox;
mod reply;
mod scope;

pub use bridge::{Bridge, PageCallError, PageCallResult};
pub use frame::{CallHead, Control};
pub use handler::handle;
pub use outbox::{Down, Outbox, Pull};
