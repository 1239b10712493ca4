//! Looks at everything that is held.

use std::collections::BTreeMap;

use dashmap::DashMap;
use serde::Serialize;

use super::{
    command::CommandGauges, executor::ExecutorGauges, message::Name, window::WindowGauges,
};

/// A look at everything that is held.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Gauges {
    /// Calls of the app.
    pub calls: usize,
    /// By label.
    pub windows: BTreeMap<String, WindowGauges>,
    /// By name.
    pub commands: BTreeMap<String, CommandGauges>,
    /// By name.
    pub executors: BTreeMap<String, ExecutorGauges>,
}

pub(super) fn read<V, T>(map: &DashMap<Name, V>, look: impl Fn(&V) -> T) -> BTreeMap<String, T> {
    map.iter()
        .map(|entry| (entry.key().to_string(), look(entry.value())))
        .collect()
}
