//! Lets Python build, run and end an app.
//!
//! | file or folder | job |
//! | --- | --- |
//! | `building` | builds an app |
//! | `end` | (feature `python-main`) ends it |
//! | `app_crate` | (feature `python-main`) the same for an app that is a crate of its own |
//! | `context` | (feature `python-main`) configuration, pages and permissions |
//! | `assets` | (feature `wheel`) pages that a Python object returns |
//! | `app_handle`, `manager` | uses of the running app, from every thread |
//! | `path`, `page_data` | the folders of the system and of the app |
//! | `program` | what names and starts the app |
//! | `run_event` | the events that the callback of `run` gets |
//! | `constants` | versions and platform of this build |

#[cfg(feature = "python-main")]
pub(crate) mod app_crate;
pub(crate) mod app_handle;
#[cfg(feature = "wheel")]
pub(crate) mod assets;
pub(crate) mod building;
pub(crate) mod constants;
#[cfg(feature = "python-main")]
pub(crate) mod context;
#[cfg(feature = "python-main")]
pub(crate) mod end;
pub(crate) mod manager;
pub(crate) mod page_data;
pub(crate) mod path;
#[cfg(any(feature = "_plugin", feature = "python-main"))]
pub(crate) mod program;
// No Python callback is told of every event of an app that is built in Rust.
#[cfg_attr(not(feature = "python-main"), expect(dead_code))]
pub(crate) mod run_event;
