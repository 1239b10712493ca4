//! Defines `Machine`, the trait of every actor: a pure step from an event to effects.

use std::fmt::Debug;

use serde::Serialize;

use crate::actors::ids::CallKey;

/// A state machine: no clock, no thread, no I/O inside.
pub trait Machine: Debug + Send + 'static {
    /// What can happen to the machine.
    type Event: Clone + Debug + Serialize + Send + 'static;
    /// What the machine asks its surroundings to do, in order.
    type Effect: Debug + Serialize + PartialEq + Send + 'static;

    /// The actor's kind, for traces: `window`, `command`, …
    const KIND: &'static str;

    /// The call an event is about. An event that is about none is handled again when its first
    /// handling panicked; what an event about a call has left undone is seen from the call.
    fn call_of(event: &Self::Event) -> Option<CallKey>;

    /// One step. Effects are appended in the order in which they must be carried out.
    fn step(&mut self, event: Self::Event, effects: &mut Vec<Self::Effect>);
}
