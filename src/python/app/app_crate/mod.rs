//! Lets Python's `main` build and run an app from a crate of the app's own.
//!
//! | file | job |
//! | --- | --- |
//! | `export` | makes the crate's extension module: its context, its builder, the native half |
//! | `standalone` | runs the Python program in the app's own executable |
//! | `environment` | finds the Python of that executable, and the command line for it |

mod environment;
pub(crate) mod export;
pub mod standalone;
