//! Joins webviews to their actors, and works around defects of WebKitGTK.
//!
//! | file | job |
//! | --- | --- |
//! | `page` | one webview's page, as the wire and its backlog use it |
//! | `evaluation` | runs scripts in pages and hands over what they give |
//! | `script_messages` | receives and answers script messages of WebKitGTK |
//! | `private_window` | gives each private window a context of its own |
//! | `page_watch` | reports when a page's process or its webview is gone |
//! | `network_process` | makes pages send again when WebKit's network process ends |
//! | `webkit_cleanup` | frees memory that WebKit and wry leak when a webview is destroyed |
//! | `contain` | keeps our panics away from C code |

pub(super) mod contain;
pub(crate) mod evaluation;
pub(crate) mod network_process;
pub(crate) mod page;
pub(crate) mod page_watch;
pub(crate) mod private_window;
pub(crate) mod script_messages;
#[cfg(target_os = "linux")]
pub(crate) mod webkit_cleanup;
