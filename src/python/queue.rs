//! A bounded queue in which a newer item replaces an older one of the same key.

use std::collections::VecDeque;

/// What makes two posts the same news: the callback, the kind of event and the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) callback: u64,
    pub(crate) kind: &'static str,
    pub(crate) label: String,
}

#[derive(Debug)]
pub(crate) struct ConflatingQueue<T> {
    items: VecDeque<(Option<Key>, T)>,
    capacity: usize,
}

/// What a push pushed out; the caller drops it outside its lock.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Displaced<T> {
    Nothing,
    /// Older news of the same key.
    Stale(T),
    /// Lost because the queue was full: the oldest item with a key, else the new item itself.
    Overflow(T),
}

impl<T> ConflatingQueue<T> {
    pub(crate) const fn new(capacity: usize) -> Self {
        Self {
            items: VecDeque::new(),
            capacity,
        }
    }

    pub(crate) fn push(&mut self, key: Option<Key>, item: T) -> Displaced<T> {
        if key.is_some()
            && let Some(at) = self.items.iter().position(|(other, _)| *other == key)
            && let Some((_, stale)) = self.items.remove(at)
        {
            self.items.push_back((key, item));
            return Displaced::Stale(stale);
        }
        if self.items.len() < self.capacity {
            self.items.push_back((key, item));
            return Displaced::Nothing;
        }
        let oldest = self.items.iter().position(|(other, _)| other.is_some());
        match oldest.and_then(|at| self.items.remove(at)) {
            Some((_, lost)) => {
                self.items.push_back((key, item));
                Displaced::Overflow(lost)
            }
            None => Displaced::Overflow(item),
        }
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        self.items.pop_front().map(|(_, item)| item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: &'static str) -> Option<Key> {
        Some(Key {
            callback: 1,
            kind,
            label: "main".into(),
        })
    }

    fn drain(queue: &mut ConflatingQueue<u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn keeps_order_and_conflates_by_key() {
        let mut queue = ConflatingQueue::new(8);
        queue.push(key("resized"), 1);
        queue.push(None, 2);
        queue.push(key("moved"), 3);
        assert_eq!(queue.push(key("resized"), 4), Displaced::Stale(1));
        assert_eq!(drain(&mut queue), [2, 3, 4]);
    }

    #[test]
    fn full_drops_the_oldest_conflatable_first() {
        let mut queue = ConflatingQueue::new(3);
        queue.push(None, 1);
        queue.push(key("moved"), 2);
        queue.push(key("resized"), 3);
        assert_eq!(queue.push(None, 4), Displaced::Overflow(2));
        assert_eq!(queue.push(None, 5), Displaced::Overflow(3));
        assert_eq!(queue.push(None, 6), Displaced::Overflow(6));
        assert_eq!(drain(&mut queue), [1, 4, 5]);
    }
}
