//! Computes how many items of a stream may be in transit to a page (its credit).
//!
//! An item is *outstanding* from the moment it is pushed until the page says that its loop took it.
//! An item fits when it and the outstanding items stay within both limits, or when nothing is
//! outstanding: an item larger than the limit goes alone.

use std::collections::VecDeque;

/// How many items may be outstanding, unless the page asks for fewer.
pub(crate) const ITEMS: usize = 1024;
/// How many bytes of items may be outstanding.
pub(crate) const BYTES: usize = 256 * 1024;

/// The credit of one stream.
#[derive(Debug)]
pub(crate) struct Credit {
    limit: usize,
    /// The sizes of the outstanding items, oldest first.
    sizes: VecDeque<usize>,
    bytes: usize,
    /// How many items the loop has taken in all.
    taken: u64,
}

impl Credit {
    /// Creates credit for `items`, at least 1 and at most [`ITEMS`].
    pub(crate) fn new(items: usize) -> Self {
        Self {
            limit: items.clamp(1, ITEMS),
            sizes: VecDeque::new(),
            bytes: 0,
            taken: 0,
        }
    }

    /// How many items may be outstanding.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// How many items the loop has taken in all.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether an item of `size` bytes may be pushed.
    pub(crate) fn fits(&self, size: usize) -> bool {
        self.sizes.is_empty()
            || (self.sizes.len() < self.limit && self.bytes.saturating_add(size) <= BYTES)
    }

    /// Counts an item of `size` bytes as outstanding.
    pub(crate) fn spend(&mut self, size: usize) {
        self.sizes.push_back(size);
        self.bytes += size;
    }

    /// Notes that the loop has taken `taken` items in all. A number that arrives late changes
    /// nothing. False: it is more than were pushed.
    pub(crate) fn give_back(&mut self, taken: u64) -> bool {
        let more = taken.saturating_sub(self.taken);
        let Ok(more) = usize::try_from(more) else {
            return false;
        };
        if more > self.sizes.len() {
            return false;
        }
        self.bytes -= self.sizes.drain(..more).sum::<usize>();
        self.taken = self.taken.max(taken);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_item_larger_than_the_credit_goes_alone() {
        let mut credit = Credit::new(8);
        assert!(credit.fits(BYTES * 4));
        credit.spend(BYTES * 4);
        assert!(!credit.fits(0));
        assert!(credit.give_back(1));
        assert!(credit.fits(1));
    }

    #[test]
    fn credit_of_one_is_lock_step() {
        let mut credit = Credit::new(0);
        credit.spend(1);
        assert!(!credit.fits(1));
        assert!(credit.give_back(1));
        assert!(credit.fits(1));
    }

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        /// What is outstanding stays within the limits, and equals what was pushed less what was taken.
        #[test]
        fn outstanding_is_bounded(
            limit in 1_usize..40,
            steps in prop::collection::vec((any::<bool>(), 0_usize..BYTES / 3), 1..300),
        ) {
            let mut credit = Credit::new(limit);
            let (mut pushed, mut taken) = (Vec::new(), 0);
            for (push, size) in steps {
                if push && credit.fits(size) {
                    credit.spend(size);
                    pushed.push(size);
                } else if !push && taken < pushed.len() {
                    taken += 1 + size % (pushed.len() - taken);
                    prop_assert!(credit.give_back(taken as u64));
                }
                let outstanding = &pushed[taken..];
                prop_assert_eq!(credit.sizes.len(), outstanding.len());
                prop_assert_eq!(credit.bytes, outstanding.iter().sum::<usize>());
                prop_assert!(outstanding.len() <= limit && credit.bytes <= BYTES);
                prop_assert!(!credit.give_back(pushed.len() as u64 + 1));
                prop_assert!(credit.give_back(0));
            }
        }
    }
}
