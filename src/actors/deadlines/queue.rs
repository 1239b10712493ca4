//! Orders the pending alarms of all calls by time, so that one timer serves them all.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use crate::actors::ids::CallKey;

/// The kind of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

/// The pending alarms: at most one of each kind for a call, so the admitted calls bound them.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    order: BTreeSet<(Instant, CallKey, Alarm)>,
    times: HashMap<(CallKey, Alarm), Instant>,
    /// The moment for which the timer is set.
    armed: Option<Instant>,
}

impl Deadlines {
    /// Sets an alarm, or moves it.
    pub(crate) fn set(&mut self, call: CallKey, alarm: Alarm, at: Instant) {
        if let Some(before) = self.times.insert((call, alarm), at) {
            self.order.remove(&(before, call, alarm));
        }
        self.order.insert((at, call, alarm));
    }

    /// Removes the alarms of a call.
    pub(crate) fn remove(&mut self, call: CallKey) {
        if self.times.is_empty() {
            return;
        }
        for alarm in Alarm::ALL {
            if let Some(at) = self.times.remove(&(call, alarm)) {
                self.order.remove(&(at, call, alarm));
            }
        }
    }

    /// The moment to which the timer must be set, unless it goes off by then anyway.
    pub(crate) fn arm(&mut self) -> Option<Instant> {
        let (next, ..) = *self.order.first()?;
        if self.armed.is_some_and(|armed| armed <= next) {
            return None;
        }
        self.armed = Some(next);
        self.armed
    }

    /// Takes the alarms that are due, after the timer went off.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<(CallKey, Alarm)> {
        self.armed = None;
        let mut due = Vec::new();
        while let Some(&(at, call, alarm)) = self.order.first()
            && at <= now
        {
            self.order.pop_first();
            self.times.remove(&(call, alarm));
            due.push((call, alarm));
        }
        due
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty() && self.times.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Op {
        Set(u64, Alarm, u64),
        Remove(u64),
        Pass(u64),
    }

    fn op() -> impl Strategy<Value = Op> {
        let alarm = prop::sample::select(&Alarm::ALL[..]);
        prop_oneof![
            4 => (0u64..6, alarm, 0u64..50).prop_map(|(call, alarm, at)| Op::Set(call, alarm, at)),
            2 => (0u64..6).prop_map(Op::Remove),
            3 => (0u64..10).prop_map(Op::Pass),
        ]
    }

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn tells_each_alarm_once_in_time_behind_one_timer(ops in prop::collection::vec(op(), 0..60)) {
            let (begin, mut now) = (Instant::now(), 0u64);
            let at = |millis: u64| begin + Duration::from_millis(millis);
            let mut deadlines = Deadlines::default();
            let mut model: BTreeMap<(u64, Alarm), u64> = BTreeMap::new();
            let mut timer: Option<Instant> = None;
            for op in ops {
                match op {
                    Op::Set(call, alarm, after) => {
                        deadlines.set(CallKey(call), alarm, at(now + after));
                        model.insert((call, alarm), now + after);
                    }
                    Op::Remove(call) => {
                        deadlines.remove(CallKey(call));
                        model.retain(|(of, _), _| *of != call);
                    }
                    Op::Pass(time) => now += time,
                }
                // A new setting takes the place of the one before: there is one timer.
                timer = deadlines.arm().or(timer);
                while timer.is_some_and(|timer| timer <= at(now)) {
                    for (call, alarm) in deadlines.due(at(now)) {
                        let due = model.remove(&(call.0, alarm));
                        prop_assert!(due.is_some_and(|due| due <= now), "too early, or twice");
                    }
                    timer = deadlines.arm();
                }
                prop_assert!(model.values().all(|due| *due > now), "missed");
                prop_assert_eq!(deadlines.is_empty(), model.is_empty());
            }
        }
    }
}
