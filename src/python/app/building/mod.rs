//! Lets Python build an app: from a context, by a builder that this build or a crate brings.
//!
//! | file | job |
//! | --- | --- |
//! | `builder` | (feature `python-main`) builds the app and starts its actors |
//! | `app` | (feature `python-main`) the built app, which Python runs |
//! | `wheel` | (feature `wheel`) makes contexts and builders |
//! | `unsupported` | (without it) raises errors in place of what only the wheel has |
//! | `panics` | turns panics of Tauri into Python errors while an app starts |

#[cfg(feature = "python-main")]
mod app;
#[cfg(feature = "python-main")]
pub(crate) mod builder;
#[cfg(feature = "python-main")]
pub(crate) mod panics;
#[cfg(not(feature = "wheel"))]
pub(crate) mod unsupported;
#[cfg(feature = "wheel")]
pub(crate) mod wheel;
