//! Gives Python Tauri's plugins: each can be registered, and some have functions of their own.
//!
//! | file | job |
//! | --- | --- |
//! | `plugin` | the Python class `Plugin`, registered once |
//! | `guarded` | keeps panics of a plugin and refused commands from the app |
//! | `built_in` | which plugins this build has; those that only register |
//! | `program` | what the operating system starts as this app, and what it calls it |
//! | `notifying` | (Linux) shows a notification in the name of the app |
//! | `question` | where the answer of a dialog goes |
//! | `autostart`, `deep_link`, `dialog`, `notification`, `single_instance` | one plugin each |

#[cfg(feature = "plugin-autostart")]
mod autostart;
mod built_in;
#[cfg(feature = "plugin-deep-link")]
mod deep_link;
#[cfg(feature = "plugin-dialog")]
mod dialog;
#[cfg(feature = "_plugin")]
mod guarded;
#[cfg(feature = "plugin-notification")]
mod notification;
#[cfg(all(feature = "plugin-notification", target_os = "linux"))]
mod notifying;
pub(crate) mod plugin;
#[cfg(any(feature = "_plugin", feature = "python-main"))]
pub(crate) mod program;
#[cfg(feature = "plugin-dialog")]
mod question;
#[cfg(feature = "plugin-single-instance")]
mod single_instance;
#[cfg(any(feature = "plugin-dialog", feature = "plugin-notification"))]
mod texts;

use pyo3::prelude::*;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    plugin::register(module)?;
    built_in::register(module)?;
    #[cfg(feature = "plugin-autostart")]
    autostart::register(module)?;
    #[cfg(feature = "plugin-dialog")]
    dialog::register(module)?;
    #[cfg(feature = "plugin-notification")]
    notification::register(module)?;
    #[cfg(feature = "plugin-single-instance")]
    single_instance::register(module)?;
    Ok(())
}
