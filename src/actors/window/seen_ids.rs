//! Detects repeated call ids of a document, with a sliding bitmap over the last 4,096 ids.

use serde::{Deserialize, Serialize};

const WORDS: usize = 64;
const WINDOW: u64 = (WORDS * 64) as u64;

/// What the bitmap knows of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It was not seen before. It is marked now.
    New,
    /// It was seen before.
    Repeat,
    /// It is too far behind the newest id to know.
    Old,
}

/// The ids that were seen: the newest 4,096 of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenIds {
    newest: u64,
    bits: Vec<u64>,
}

impl Default for SeenIds {
    fn default() -> Self {
        Self {
            newest: 0,
            bits: vec![0; WORDS],
        }
    }
}

impl SeenIds {
    /// Marks `id` as seen, and returns what was known of it.
    pub fn see(&mut self, id: u64) -> Sight {
        if id > self.newest {
            self.slide_to(id);
        } else if self.newest - id >= WINDOW {
            return Sight::Old;
        }
        let (word, bit) = Self::place(id);
        if self.bits[word] & bit != 0 {
            return Sight::Repeat;
        }
        self.bits[word] |= bit;
        Sight::New
    }

    /// Whether `id` was seen, as far as is known.
    pub fn has(&self, id: u64) -> bool {
        let (word, bit) = Self::place(id);
        id <= self.newest && (self.newest - id >= WINDOW || self.bits[word] & bit != 0)
    }

    /// Removes the mark of `id`.
    pub fn forget(&mut self, id: u64) {
        if self.newest.saturating_sub(id) < WINDOW {
            let (word, bit) = Self::place(id);
            self.bits[word] &= !bit;
        }
    }

    fn slide_to(&mut self, id: u64) {
        if id - self.newest >= WINDOW {
            self.bits.fill(0);
        } else {
            for passed in self.newest + 1..=id {
                let (word, bit) = Self::place(passed);
                self.bits[word] &= !bit;
            }
        }
        self.newest = id;
    }

    fn place(id: u64) -> (usize, u64) {
        let slot = id % WINDOW;
        ((slot / 64) as usize, 1 << (slot % 64))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn agrees_with_a_set_inside_the_window(ids in prop::collection::vec(0u64..9_000, 0..200)) {
            let mut seen = SeenIds::default();
            let mut model = HashSet::new();
            let mut newest = 0;
            for id in ids {
                newest = newest.max(id);
                let expected = if newest - id >= WINDOW {
                    Sight::Old
                } else if model.insert(id) {
                    Sight::New
                } else {
                    Sight::Repeat
                };
                prop_assert_eq!(seen.see(id), expected);
            }
        }

        #[test]
        fn survives_any_ids(ids in prop::collection::vec(any::<u64>(), 0..50)) {
            let mut seen = SeenIds::default();
            for id in ids {
                seen.see(id);
                prop_assert_ne!(seen.see(id), Sight::New);
            }
        }
    }
}
