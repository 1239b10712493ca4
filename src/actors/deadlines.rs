//! When what has to be told: one queue for all calls, behind one timer.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use super::message::CallKey;

/// What is told when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Alarm {
    /// The call's deadline has passed.
    Expired,
    /// All of a stream has taken too long.
    WholeExpired,
    /// The call has waited for as long as its queue lets it.
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

/// At most one alarm of each kind for a call; bounded by the calls admitted.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    order: BTreeSet<(Instant, CallKey, Alarm)>,
    times: HashMap<(CallKey, Alarm), Instant>,
    /// When the timer goes off.
    armed: Option<Instant>,
}

impl Deadlines {
    /// Sets an alarm, or moves it.
    pub(super) fn set(&mut self, call: CallKey, alarm: Alarm, at: Instant) {
        if let Some(before) = self.times.insert((call, alarm), at) {
            self.order.remove(&(before, call, alarm));
        }
        self.order.insert((at, call, alarm));
    }

    /// Takes the alarms of a call away.
    pub(super) fn remove(&mut self, call: CallKey) {
        if self.times.is_empty() {
            return;
        }
        for alarm in Alarm::ALL {
            if let Some(at) = self.times.remove(&(call, alarm)) {
                self.order.remove(&(at, call, alarm));
            }
        }
    }

    /// When the timer must be set to, if it is not set to go off by then.
    pub(super) fn arm(&mut self) -> Option<Instant> {
        let (next, ..) = *self.order.first()?;
        if self.armed.is_some_and(|armed| armed <= next) {
            return None;
        }
        self.armed = Some(next);
        self.armed
    }

    /// The timer went off: takes what is due.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(CallKey, Alarm)> {
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
    pub(super) fn is_empty(&self) -> bool {
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
        #![proptest_config(crate::cases::cases())]

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
