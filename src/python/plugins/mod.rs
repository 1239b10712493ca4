//! Gives Python Tauri's plugins: each can be registered, and some have functions of their own.
//!
//! | file | job |
//! | --- | --- |
//! | `plugin` | the Python class `Plugin`, registered once |
//! | `guarded` | keeps panics of a plugin from the app, refuses or replaces its commands |
//! | `built_in` | which plugins this build has; those that only register |
//! | `question` | where the answer of a dialog goes |
//! | `autostart`, `deep_link`, `dialog`, `notification`, `positioner`, `process`, `single_instance`, `updater`, `window_state` | one plugin each |

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
pub(crate) mod plugin;
#[cfg(feature = "plugin-positioner")]
mod positioner;
#[cfg(feature = "plugin-process")]
mod process;
#[cfg(feature = "plugin-dialog")]
mod question;
#[cfg(feature = "plugin-single-instance")]
mod single_instance;
#[cfg(any(feature = "plugin-dialog", feature = "plugin-notification"))]
mod texts;
#[cfg(feature = "plugin-updater")]
mod updater;
#[cfg(feature = "plugin-window-state")]
mod window_state;

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
