//! Queues the calls of one command, and finds the calls that a queue policy asks for.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use super::key::{Key, Keys};
use crate::actors::{
    fair_queue::{FairQueue, Lane},
    ids::{CallKey, Name},
};

/// What keeps a call waiting.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Obstacle {
    /// All permits of its key are out.
    Permit(Key),
    /// Another call with its key runs.
    Running(Key),
    /// Perhaps nothing: it must be checked again.
    Unknown,
}

/// The waiting calls of one command.
#[derive(Debug, Default)]
pub(crate) struct CommandQueue {
    order: FairQueue<Keys, Obstacle>,
    by_permit: HashMap<Key, Shares>,
    by_queue: Groups,
}

impl CommandQueue {
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many calls wait for permits with this key.
    pub(crate) fn of_permit(&self, permit: &Key) -> usize {
        self.by_permit.get(permit).map_or(0, |shares| shares.calls)
    }

    /// The calls that wait with this key of the queue's policy, oldest first.
    pub(crate) fn of_queue(&self, queue: &Key) -> Vec<CallKey> {
        self.by_queue.of(queue).collect()
    }

    /// Of the calls that wait for permits with this key: the oldest one of the window that would
    /// have the most of them, if `window` had one more.
    pub(crate) fn oldest_of_busiest(&self, window: &Name, permit: &Key) -> Option<CallKey> {
        self.by_permit.get(permit)?.oldest_of_busiest(window)
    }

    pub(crate) fn push(&mut self, lane: Lane<Keys>, call: CallKey, obstacle: Obstacle) {
        self.enter(&lane, call);
        self.order.push(lane, call, obstacle);
    }

    /// Puts `new` in the place of `old` if both have the same window and class, else at the end.
    pub(crate) fn replace(
        &mut self,
        old: CallKey,
        lane: Lane<Keys>,
        new: CallKey,
        obstacle: Obstacle,
    ) {
        self.enter(&lane, new);
        if let Some(lane) = self.order.replace(old, lane, new, obstacle) {
            self.leave(&lane, old);
        }
    }

    /// The next call, as [`FairQueue::pop`] finds it, and its keys.
    pub(crate) fn pop(
        &mut self,
        free: &[Obstacle],
        obstacle: impl Fn(&Keys) -> Option<Obstacle>,
    ) -> Option<(CallKey, Keys)> {
        let (call, lane) = self.order.pop(free, obstacle)?;
        self.leave(&lane, call);
        Some((call, lane.key))
    }

    /// False: it does not wait here.
    pub(crate) fn remove(&mut self, call: CallKey) -> bool {
        let lane = self.order.remove(call);
        lane.map(|lane| self.leave(&lane, call)).is_some()
    }

    /// Marks all obstacles as unknown, because what keeps the calls may have changed.
    pub(crate) fn ask_all(&mut self) {
        self.order.wait_all(&Obstacle::Unknown);
    }

    fn enter(&mut self, lane: &Lane<Keys>, call: CallKey) {
        let shares = self.by_permit.entry(lane.key.permit.clone()).or_default();
        shares.add(&lane.window, call);
        self.by_queue.add(&lane.key.queue, call);
    }

    fn leave(&mut self, lane: &Lane<Keys>, call: CallKey) {
        if let Some(shares) = self.by_permit.get_mut(&lane.key.permit) {
            shares.take(&lane.window, call);
            if shares.calls == 0 {
                self.by_permit.remove(&lane.key.permit);
            }
        }
        self.by_queue.take(&lane.key.queue, call);
    }

    #[cfg(test)]
    pub(crate) fn is_consistent(&self) -> bool {
        let shares = self.by_permit.values().map(|it| it.calls).sum::<usize>();
        let windows = self.by_permit.values().flat_map(|it| it.windows.values());
        let of_windows = windows.map(BTreeSet::len).sum::<usize>();
        let ranked = self.by_permit.values();
        let ranked = ranked
            .flat_map(|it| &it.order)
            .map(|it| it.0)
            .sum::<usize>();
        [shares, of_windows, ranked, self.by_queue.len()] == [self.len(); 4]
            && self.by_permit.values().all(|it| it.calls > 0)
    }
}

/// The calls of each key, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Groups(HashMap<Key, BTreeSet<CallKey>>);

impl Groups {
    pub(crate) fn add(&mut self, key: &Key, call: CallKey) {
        self.0.entry(key.clone()).or_default().insert(call);
    }

    pub(crate) fn take(&mut self, key: &Key, call: CallKey) {
        if let Some(calls) = self.0.get_mut(key) {
            calls.remove(&call);
            if calls.is_empty() {
                self.0.remove(key);
            }
        }
    }

    pub(crate) fn has(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn of(&self, key: &Key) -> impl Iterator<Item = CallKey> {
        self.0.get(key).into_iter().flatten().copied()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }
}

/// Which windows have how many of the calls of one key.
#[derive(Debug, Default)]
struct Shares {
    calls: usize,
    windows: HashMap<Name, BTreeSet<CallKey>>,
    /// The windows, by how many calls they have and how old the oldest is.
    order: BTreeSet<(usize, Reverse<CallKey>, Name)>,
}

impl Shares {
    fn add(&mut self, window: &Name, call: CallKey) {
        self.calls += 1;
        self.change(window, |calls| {
            calls.insert(call);
        });
    }

    fn take(&mut self, window: &Name, call: CallKey) {
        self.calls -= 1;
        self.change(window, |calls| {
            calls.remove(&call);
        });
    }

    fn change(&mut self, window: &Name, change: impl FnOnce(&mut BTreeSet<CallKey>)) {
        let calls = self.windows.entry(window.clone()).or_default();
        let rank = |calls: &BTreeSet<CallKey>| {
            let oldest = calls.first().copied()?;
            Some((calls.len(), Reverse(oldest), window.clone()))
        };
        if let Some(rank) = rank(calls) {
            self.order.remove(&rank);
        }
        change(calls);
        match rank(calls) {
            Some(rank) => {
                self.order.insert(rank);
            }
            None => {
                self.windows.remove(window);
            }
        }
    }

    fn oldest_of_busiest(&self, window: &Name) -> Option<CallKey> {
        let own = self.windows.get(window);
        let own = own.and_then(|calls| Some((calls.len() + 1, Reverse(*calls.first()?))));
        let most = self
            .order
            .last()
            .map(|(calls, oldest, _)| (*calls, *oldest));
        own.max(most).map(|(_, Reverse(oldest))| oldest)
    }
}
