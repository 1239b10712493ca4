//! Enforces the app's limits on open calls, on waiting bodies and on results in transit to pages.

use std::collections::HashMap;

use serde::Serialize;

use super::ids::CallKey;
use crate::error::CallError;

/// Bodies of up to this many bytes count as waiting until their calls end. To say that one was
/// taken would cost more than it holds.
pub(super) const SMALL_BODY: usize = 4 << 10;

/// The limits of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Calls of one window: 256.
    pub calls_per_window: usize,
    /// Calls of the app: 1,024.
    pub calls: usize,
    /// Bytes of one body: 256 MiB.
    pub max_body: usize,
    /// Bytes of the bodies of all calls that wait: 64 MiB. One that waits alone may be larger.
    pub queued_bytes: usize,
    /// Bytes of all results in transit to their pages: 256 MiB. One result may have no more than
    /// that.
    pub result_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls_per_window: 256,
            calls: 1024,
            max_body: 256 << 20,
            queued_bytes: 64 << 20,
            result_bytes: 256 << 20,
        }
    }
}

/// The admitted calls, and the bytes that they hold.
#[derive(Debug)]
pub(super) struct Load {
    limits: Limits,
    /// Calls whose work has not ended.
    calls: HashMap<CallKey, HeldBytes>,
    /// Results of ended calls that their pages do not have yet. They still count against the
    /// limits.
    lingering: HashMap<CallKey, usize>,
    queued_bytes: usize,
    result_bytes: usize,
}

#[derive(Debug, Default)]
struct HeldBytes {
    /// Bytes of its body, while it counts as waiting.
    queued: usize,
    /// Bytes of its result, until the page has it.
    result: usize,
}

impl Load {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            calls: HashMap::new(),
            lingering: HashMap::new(),
            queued_bytes: 0,
            result_bytes: 0,
        }
    }

    /// The limits.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// Counts a call that was admitted before, with a body of `bytes` that waits.
    pub(super) fn readmit(&mut self, call: CallKey, bytes: usize) {
        self.queued_bytes += bytes;
        let held = HeldBytes {
            queued: bytes,
            result: 0,
        };
        self.calls.insert(call, held);
    }

    /// How many calls have not ended.
    pub(super) fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Bytes of the bodies that count as waiting.
    #[cfg(test)]
    pub(super) fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// Bytes of the results in transit.
    pub(super) fn result_bytes(&self) -> usize {
        self.result_bytes
    }

    /// Admits a call with a body of `bytes`, or returns the reason why not.
    pub(super) fn admit(&mut self, call: CallKey, bytes: usize) -> Result<(), CallError> {
        let limits = &self.limits;
        if self.calls.len() + self.lingering.len() >= limits.calls {
            return Err(CallError::overloaded("app", limits.calls));
        }
        if self.result_bytes >= limits.result_bytes {
            return Err(CallError::undelivered(limits.result_bytes));
        }
        // A body that waits alone may be of any size.
        let queued = self.queued_bytes.saturating_add(bytes);
        if self.queued_bytes > 0 && bytes > 0 && queued > limits.queued_bytes {
            return Err(CallError::queued_bytes(limits.queued_bytes));
        }
        self.readmit(call, bytes);
        Ok(())
    }

    /// Notes that the call's body does not wait any more. This is said of bodies that are not small.
    pub(super) fn started(&mut self, call: CallKey) {
        if let Some(held) = self.calls.get_mut(&call) {
            self.queued_bytes -= std::mem::take(&mut held.queued);
        }
    }

    /// Notes that a result of `bytes` is in transit.
    pub(super) fn answered(&mut self, call: CallKey, bytes: usize) {
        if let Some(held) = self.calls.get_mut(&call) {
            self.result_bytes += bytes;
            held.result += bytes;
        }
    }

    /// Notes that the page has the result.
    pub(super) fn handed_over(&mut self, call: CallKey) {
        let bytes = match self.calls.get_mut(&call) {
            Some(held) => std::mem::take(&mut held.result),
            None => self.lingering.remove(&call).unwrap_or_default(),
        };
        self.result_bytes -= bytes;
    }

    /// Notes that the call's work ended.
    pub(super) fn released(&mut self, call: CallKey) {
        if let Some(HeldBytes { queued, result }) = self.calls.remove(&call) {
            self.queued_bytes -= queued;
            if result > 0 {
                self.lingering.insert(call, result);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits {
        calls_per_window: 9,
        calls: 5,
        max_body: 100,
        queued_bytes: 20,
        result_bytes: 30,
    };

    #[derive(Debug, Clone)]
    enum Op {
        Admit(usize),
        Started(usize),
        Answered(usize, usize),
        HandedOver(usize),
        Released(usize),
    }

    fn op() -> impl Strategy<Value = Op> {
        let size = || prop_oneof![Just(0), 1usize..12, Just(50)];
        prop_oneof![
            4 => size().prop_map(Op::Admit),
            2 => any::<usize>().prop_map(Op::Started),
            2 => (any::<usize>(), size()).prop_map(|(at, bytes)| Op::Answered(at, bytes)),
            2 => any::<usize>().prop_map(Op::HandedOver),
            2 => any::<usize>().prop_map(Op::Released),
        ]
    }

    /// Of a call: bytes queued, bytes of its result, and whether its work has ended.
    type Model = BTreeMap<u64, (usize, usize, bool)>;

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn counts_what_is_there(ops in prop::collection::vec(op(), 0..80)) {
            let mut load = Load::new(LIMITS);
            let mut model = Model::new();
            let mut next = 0;
            for op in ops {
                let pick = |at: usize| CallKey(at as u64 % (next + 1));
                match op {
                    Op::Admit(bytes) => {
                        next += 1;
                        let queued: usize = model.values().map(|it| it.0).sum();
                        let results: usize = model.values().map(|it| it.1).sum();
                        let fits = queued == 0 || bytes == 0 || queued + bytes <= LIMITS.queued_bytes;
                        let room = model.len() < LIMITS.calls && results < LIMITS.result_bytes;
                        let admitted = load.admit(CallKey(next), bytes);
                        prop_assert_eq!(admitted.is_ok(), fits && room);
                        if admitted.is_ok() {
                            model.insert(next, (bytes, 0, false));
                        }
                    }
                    Op::Started(at) => {
                        load.started(pick(at));
                        model.entry(pick(at).0).and_modify(|it| it.0 = 0);
                    }
                    Op::Answered(at, bytes) => {
                        load.answered(pick(at), bytes);
                        model.entry(pick(at).0).and_modify(|it| if !it.2 { it.1 += bytes });
                    }
                    Op::HandedOver(at) => {
                        load.handed_over(pick(at));
                        model.entry(pick(at).0).and_modify(|it| it.1 = 0);
                    }
                    Op::Released(at) => {
                        load.released(pick(at));
                        model.entry(pick(at).0).and_modify(|it| *it = (0, it.1, true));
                    }
                }
                model.retain(|_, (_, result, ended)| *result > 0 || !*ended);
                prop_assert_eq!(load.calls(), model.values().filter(|it| !it.2).count());
                prop_assert_eq!(load.queued_bytes(), model.values().map(|it| it.0).sum::<usize>());
                prop_assert_eq!(load.result_bytes(), model.values().map(|it| it.1).sum::<usize>());
            }
            // Nothing is left when all has ended.
            for call in 1..=next {
                load.released(CallKey(call));
                load.handed_over(CallKey(call));
            }
            prop_assert_eq!((load.calls(), load.queued_bytes(), load.result_bytes()), (0, 0, 0));
            prop_assert!(load.lingering.is_empty());
        }
    }
}
