//! Defines how the processes of a pool are started, and the configuration that they get.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The settings for starting a pool's processes.
#[derive(Debug, Deserialize)]
pub struct Launch {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Variables that are added to the environment.
    pub env: HashMap<String, String>,
    /// The configuration of a worker's Python side, sent first.
    pub setup: Box<RawValue>,
    /// Bytes of private memory that a worker and its children may use. One that uses more is
    /// killed.
    pub max_memory: Option<u64>,
    /// Bodies of at least this many bytes go through shared memory. `None`: none do.
    #[serde(default)]
    pub share_from: Option<usize>,
    /// The configuration of the zygote. `None`: there is no zygote.
    #[serde(default)]
    pub zygote: Option<Preparation>,
}

/// The configuration of a zygote, sent first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Preparation {
    /// The module search path.
    sys_path: Vec<String>,
    argv: Vec<String>,
    /// The working directory. `None`: the host's is gone.
    cwd: Option<String>,
    /// Modules to import.
    pub(crate) preload: Vec<String>,
}

impl Preparation {
    /// The same configuration without these modules.
    pub(crate) fn without(&self, modules: &[String]) -> Self {
        let mut less = self.clone();
        less.preload.retain(|module| !modules.contains(module));
        less
    }
}
