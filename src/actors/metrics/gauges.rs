//! Takes a snapshot of what the app holds now: calls, jobs, bytes, windows and executors.

use std::{collections::BTreeMap, sync::Arc};

use dashmap::DashMap;
use serde::Serialize;

use crate::actors::{
    backlog::amount::Amount,
    call::{cell::Call, request::Body},
    command::machine::CommandGauges,
    executor::machine::ExecutorGauges,
    ids::{CallKey, Name},
    stream::{items::Items, machine::StreamGauges},
    window::held_calls::WindowGauges,
};

/// A snapshot of what the app holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Gauges {
    /// The number of calls.
    pub calls: usize,
    /// The streams among them, and what they hold for their pages.
    pub streams: StreamGauges,
    /// The number of detached jobs, both running and kept.
    pub jobs: usize,
    /// Bytes of the bodies of waiting calls.
    pub queued_bytes: usize,
    /// Bytes of the results in transit to their pages.
    pub result_bytes: usize,
    /// Messages of channels and events in transit to pages, by window label.
    pub backlogs: BTreeMap<String, Amount>,
    /// By window label.
    pub windows: BTreeMap<String, WindowGauges>,
    /// By name.
    pub commands: BTreeMap<String, CommandGauges>,
    /// By name.
    pub executors: BTreeMap<String, ExecutorGauges>,
}

pub(crate) fn read<V, T>(map: &DashMap<Name, V>, look: impl Fn(&V) -> T) -> BTreeMap<String, T> {
    map.iter()
        .map(|entry| (entry.key().to_string(), look(entry.value())))
        .collect()
}

/// What all calls hold together.
#[derive(Debug, Default)]
pub(crate) struct OfCalls {
    pub(crate) streams: StreamGauges,
    pub(crate) queued_bytes: usize,
}

pub(crate) fn of_calls(calls: &DashMap<CallKey, Arc<Call>>) -> OfCalls {
    let mut sum = OfCalls::default();
    for call in calls {
        let one = call.items().map(Items::gauges).unwrap_or_default();
        sum.streams.open += one.open;
        sum.streams.items += one.items;
        sum.streams.bytes += one.bytes;
        sum.queued_bytes += call.look_at_body(Body::size);
    }
    sum
}
