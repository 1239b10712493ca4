//! What every actor is: a pure step from an event to effects.

use std::fmt::Debug;

use serde::Serialize;

use super::message::CallKey;

/// A state machine: no clock, no thread, no I/O inside.
pub trait Machine: Debug + Send + 'static {
    /// What can happen to it.
    type Event: Debug + Serialize + Send + 'static;
    /// What it asks the world to do, in order.
    type Effect: Debug + Serialize + PartialEq + Send + 'static;

    /// The actor's kind, for traces: `window`, `command`, …
    const KIND: &'static str;

    /// The call an event is about, for traces.
    fn call_of(event: &Self::Event) -> Option<CallKey>;

    /// One step. Effects are appended in the order in which they must be carried out.
    fn step(&mut self, event: Self::Event, effects: &mut Vec<Self::Effect>);
}
