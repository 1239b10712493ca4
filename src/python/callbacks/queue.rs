//! Queues the posts that wait for a callback thread.
//!
//! Notifications and questions are bounded here, and a newer notification replaces an older one
//! with the same key. Events are bounded by their listeners.

use std::collections::VecDeque;

/// How many events a post lets go first at most, of those that were queued before it.
const AHEAD: u64 = 1024;

/// The key under which a newer post replaces an older one: the callback, the kind of event, the
/// window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoalesceKey {
    pub(crate) callback: u64,
    pub(crate) kind: &'static str,
    pub(crate) label: String,
}

#[derive(Debug)]
struct QueuedPost<T> {
    key: Option<CoalesceKey>,
    /// How many events must have gone before this post goes.
    after: u64,
    value: T,
}

#[derive(Debug)]
pub(crate) struct CallbackQueue<T> {
    items: VecDeque<QueuedPost<T>>,
    capacity: usize,
    events: VecDeque<T>,
    /// How many events have gone.
    gone: u64,
}

/// What a push has displaced. The caller drops it outside its lock.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Displaced<T> {
    Nothing,
    /// An older post with the same key.
    Stale(T),
    /// A post that was lost because the queue was full: the oldest one with a key, else the new
    /// one.
    Overflow(T),
}

impl<T> CallbackQueue<T> {
    pub(crate) const fn new(capacity: usize) -> Self {
        Self {
            items: VecDeque::new(),
            capacity,
            events: VecDeque::new(),
            gone: 0,
        }
    }

    pub(crate) fn push(&mut self, key: Option<CoalesceKey>, value: T) -> Displaced<T> {
        let ahead = u64::try_from(self.events.len()).unwrap_or(AHEAD);
        let after = self.gone + ahead.min(AHEAD);
        if key.is_some()
            && let Some(at) = self.items.iter().position(|it| it.key == key)
            && let Some(stale) = self.items.remove(at)
        {
            self.items.push_back(QueuedPost { key, after, value });
            return Displaced::Stale(stale.value);
        }
        let item = QueuedPost { key, after, value };
        if self.items.len() < self.capacity {
            self.items.push_back(item);
            return Displaced::Nothing;
        }
        let oldest = self.items.iter().position(|it| it.key.is_some());
        match oldest.and_then(|at| self.items.remove(at)) {
            Some(lost) => {
                self.items.push_back(item);
                Displaced::Overflow(lost.value)
            }
            None => Displaced::Overflow(item.value),
        }
    }

    /// Queues an event. It is never refused, and displaces nothing.
    pub(crate) fn push_event(&mut self, value: T) {
        self.events.push_back(value);
    }

    /// Takes all posts.
    pub(crate) fn take(&mut self) -> Vec<T> {
        let events = std::mem::take(&mut self.events);
        let items = std::mem::take(&mut self.items);
        items.into_iter().map(|it| it.value).chain(events).collect()
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        let item_is_due = self.items.front().is_some_and(|it| it.after <= self.gone);
        if !item_is_due && let Some(event) = self.events.pop_front() {
            self.gone += 1;
            return Some(event);
        }
        self.items.pop_front().map(|it| it.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: &'static str) -> Option<CoalesceKey> {
        Some(CoalesceKey {
            callback: 1,
            kind,
            label: "main".into(),
        })
    }

    fn drain(queue: &mut CallbackQueue<u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn keeps_order_and_conflates_by_key() {
        let mut queue = CallbackQueue::new(8);
        queue.push(key("resized"), 1);
        queue.push(None, 2);
        queue.push(key("moved"), 3);
        assert_eq!(queue.push(key("resized"), 4), Displaced::Stale(1));
        assert_eq!(drain(&mut queue), [2, 3, 4]);
    }

    #[test]
    fn full_drops_the_oldest_conflatable_first() {
        let mut queue = CallbackQueue::new(3);
        queue.push(None, 1);
        queue.push(key("moved"), 2);
        queue.push(key("resized"), 3);
        assert_eq!(queue.push(None, 4), Displaced::Overflow(2));
        assert_eq!(queue.push(None, 5), Displaced::Overflow(3));
        assert_eq!(queue.push(None, 6), Displaced::Overflow(6));
        assert_eq!(drain(&mut queue), [1, 4, 5]);
    }

    #[test]
    fn events_keep_their_place_among_the_others_and_take_none_of_their_room() {
        let mut queue = CallbackQueue::new(2);
        queue.push(None, 1);
        queue.push_event(2);
        queue.push(key("moved"), 3);
        queue.push_event(4);
        assert_eq!(queue.push(key("moved"), 5), Displaced::Stale(3));
        queue.push_event(6);
        assert_eq!(drain(&mut queue), [1, 2, 4, 5, 6]);
    }

    #[test]
    fn a_flood_of_events_holds_up_the_others_for_so_many_only() {
        let mut queue = CallbackQueue::new(4);
        (0..5000).for_each(|_| queue.push_event(0));
        assert_eq!(queue.pop(), Some(0));
        queue.push(None, 1);
        queue.push(None, 2);
        let order = drain(&mut queue);
        assert_eq!(order.len(), 5001);
        assert_eq!(order.iter().position(|it| *it == 1), Some(1024));
        assert_eq!(order.iter().position(|it| *it == 2), Some(1025));
    }
}
