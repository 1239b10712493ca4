//! Tells the workers of a pool which module and function implement a command.

use serde::Deserialize;

use crate::actors::KeySource;

/// The function of a command, and how workers run it.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// The module to import.
    pub module: String,
    /// The name of the function in it.
    pub qualname: String,
    /// The source of the key by which a call chooses its worker.
    #[serde(default)]
    pub affinity: KeySource,
    /// Whether its calls may share a worker with other such calls.
    #[serde(default)]
    pub shared: bool,
    /// Whether a call may run a second time when its worker dies. Not for streams, whose items were
    /// sent.
    #[serde(default)]
    pub idempotent: bool,
}
