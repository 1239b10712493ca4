//! Converts what pages send into frames, for each way that Tauri and WebKit have for it.
//!
//! | file | job |
//! | --- | --- |
//! | `invoke` | Tauri's invoke messages, on the UI thread |
//! | `script_message` | script messages of WebKit, and the replies to them |
//! | `messages` | which pages may send script messages |
//! | `pytauri` | the calls of PyTauri's client |

pub(super) mod invoke;
#[cfg_attr(
    not(any(test, fuzzing, target_os = "linux")),
    expect(dead_code, reason = "none come there")
)]
pub(super) mod messages;
#[cfg(feature = "python-main")]
pub(super) mod pytauri;
#[cfg_attr(
    not(any(test, fuzzing, target_os = "linux")),
    expect(dead_code, reason = "none come there")
)]
pub(super) mod script_message;
