//! Looks at everything that is held.

use std::{collections::BTreeMap, sync::Arc};

use dashmap::DashMap;
use serde::Serialize;

use super::{
    call::Call,
    command::CommandGauges,
    executor::ExecutorGauges,
    items::Items,
    message::{CallKey, Name},
    stream::StreamGauges,
    window::WindowGauges,
};

/// A look at everything that is held.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Gauges {
    /// Calls of the app.
    pub calls: usize,
    /// Streams among them, and what they hold for their pages.
    pub streams: StreamGauges,
    /// Detached jobs: those that run, and those whose results are kept.
    pub jobs: usize,
    /// Bytes of the bodies of calls that wait.
    pub queued_bytes: usize,
    /// Bytes of the results on their way to their pages.
    pub result_bytes: usize,
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

pub(super) fn streams(calls: &DashMap<CallKey, Arc<Call>>) -> StreamGauges {
    let mut sum = StreamGauges::default();
    for call in calls {
        let one = call.items().map(Items::gauges).unwrap_or_default();
        sum.open += one.open;
        sum.items += one.items;
        sum.bytes += one.bytes;
    }
    sum
}
