//! Decides when the alarms of all calls go off: it orders them by time, behind one timer.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::actors::{actor::machine::Machine, ids::CallKey};

/// The kind of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Alarm {
    /// The call's deadline has passed.
    Expired,
    /// The whole stream has taken too long.
    WholeExpired,
    /// The call has waited for as long as its queue allows.
    WaitedOut,
    /// The time to clean up after a cancel is over.
    CleanUpOver,
}

impl Alarm {
    const ALL: [Self; 4] = [
        Self::Expired,
        Self::WholeExpired,
        Self::WaitedOut,
        Self::CleanUpOver,
    ];
}

/// What can happen to deadlines. Times are milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum DeadlineEvent {
    /// An alarm is set, or moved.
    Set {
        call: CallKey,
        alarm: Alarm,
        at: u64,
    },
    /// The alarms of a call are not needed any more.
    Forget { call: CallKey },
    /// Time has passed.
    Tick { now: u64 },
}

/// What the deadlines ask for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum DeadlineEffect {
    /// The time of an alarm has come.
    Ring { call: CallKey, alarm: Alarm },
    /// Send a `Tick` at this time.
    Wake { at: u64 },
}

/// The pending alarms: at most one of each kind for a call, so the admitted calls bound them.
#[derive(Debug, Default)]
pub(crate) struct DeadlinesMachine {
    order: BTreeSet<(u64, CallKey, Alarm)>,
    times: HashMap<(CallKey, Alarm), u64>,
    /// The time of the pending `Wake`.
    armed: Option<u64>,
}

impl DeadlinesMachine {
    /// Creates the state of deadlines whose machine panicked. What was set stays set.
    pub(crate) fn restarted(&self) -> (Self, Vec<DeadlineEffect>) {
        let order = self.times.iter();
        let mut fresh = Self {
            order: order
                .map(|(&(call, alarm), &at)| (at, call, alarm))
                .collect(),
            times: self.times.clone(),
            armed: None,
        };
        let mut effects = Vec::new();
        fresh.arm(&mut effects);
        (fresh, effects)
    }

    fn set(&mut self, call: CallKey, alarm: Alarm, at: u64) {
        if let Some(before) = self.times.insert((call, alarm), at) {
            self.order.remove(&(before, call, alarm));
        }
        self.order.insert((at, call, alarm));
    }

    fn forget(&mut self, call: CallKey) {
        for alarm in Alarm::ALL {
            if let Some(at) = self.times.remove(&(call, alarm)) {
                self.order.remove(&(at, call, alarm));
            }
        }
    }

    /// Asks to be woken for the next alarm, unless that is so by then anyway.
    fn arm(&mut self, effects: &mut Vec<DeadlineEffect>) {
        if let Some(&(at, ..)) = self.order.first()
            && self.armed.is_none_or(|armed| armed > at)
        {
            self.armed = Some(at);
            effects.push(DeadlineEffect::Wake { at });
        }
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<DeadlineEffect>) {
        self.armed = None;
        while let Some(&(at, call, alarm)) = self.order.first()
            && at <= now
        {
            self.order.pop_first();
            self.times.remove(&(call, alarm));
            effects.push(DeadlineEffect::Ring { call, alarm });
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty() && self.times.is_empty()
    }
}

impl Machine for DeadlinesMachine {
    type Event = DeadlineEvent;
    type Effect = DeadlineEffect;
    const KIND: &'static str = "deadlines";

    /// None: no call tells of an alarm that was lost, so each message is handled again.
    fn call_of(_: &DeadlineEvent) -> Option<CallKey> {
        None
    }

    fn step(&mut self, event: DeadlineEvent, effects: &mut Vec<DeadlineEffect>) {
        match event {
            DeadlineEvent::Set { call, alarm, at } => self.set(call, alarm, at),
            DeadlineEvent::Forget { call } => self.forget(call),
            DeadlineEvent::Tick { now } => self.tick(now, effects),
        }
        self.arm(effects);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Op {
        Set(u64, Alarm, u64),
        Forget(u64),
        Pass(u64),
        Restart,
    }

    fn op() -> impl Strategy<Value = Op> {
        let alarm = prop::sample::select(&Alarm::ALL[..]);
        prop_oneof![
            8 => (0u64..6, alarm, 0u64..50).prop_map(|(call, alarm, at)| Op::Set(call, alarm, at)),
            4 => (0u64..6).prop_map(Op::Forget),
            6 => (0u64..10).prop_map(Op::Pass),
            1 => Just(Op::Restart),
        ]
    }

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn tells_each_alarm_once_in_time_behind_one_timer(ops in prop::collection::vec(op(), 0..60)) {
            let mut now = 0;
            let mut machine = DeadlinesMachine::default();
            let mut model: BTreeMap<(u64, Alarm), u64> = BTreeMap::new();
            let mut timer: Option<u64> = None;
            for op in ops {
                let mut effects = vec![];
                match op {
                    Op::Set(call, alarm, after) => {
                        let (at, key) = (now + after, CallKey(call));
                        machine.step(DeadlineEvent::Set { call: key, alarm, at }, &mut effects);
                        model.insert((call, alarm), at);
                    }
                    Op::Forget(call) => {
                        let key = CallKey(call);
                        machine.step(DeadlineEvent::Forget { call: key }, &mut effects);
                        model.retain(|(of, _), _| *of != call);
                    }
                    Op::Pass(time) => now += time,
                    Op::Restart => (machine, effects) = machine.restarted(),
                }
                loop {
                    for effect in effects.drain(..) {
                        match effect {
                            DeadlineEffect::Ring { call, alarm } => {
                                let due = model.remove(&(call.0, alarm));
                                prop_assert!(due.is_some_and(|due| due <= now), "early, or twice");
                            }
                            // The keeper has one timer, which goes off at the earliest time.
                            DeadlineEffect::Wake { at } => {
                                timer = Some(timer.map_or(at, |timer| timer.min(at)));
                            }
                        }
                    }
                    if timer.is_none_or(|timer| timer > now) {
                        break;
                    }
                    timer = None;
                    machine.step(DeadlineEvent::Tick { now }, &mut effects);
                }
                prop_assert!(model.values().all(|due| *due > now), "missed");
                prop_assert_eq!(machine.is_empty(), model.is_empty());
            }
        }
    }
}
