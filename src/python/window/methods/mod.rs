//! Defines the methods of `WebviewWindow`, `Window` and `Webview`, which share most of them.
//!
//! | file | job |
//! | --- | --- |
//! | `shared` | those that only call Tauri |
//! | `frame` | those of the window around a page |
//! | `page` | those of the page |
//! | `state` | keeping state for a window |

mod frame;
mod page;
pub(crate) mod shared;
mod state;
