//! Remembers which worker gets the calls with a key.
//!
//! This is a table, and not a hash over the numbers of the workers. So a new key goes to a worker
//! that is idle now, and when a worker comes or goes, only its own keys move.

use std::collections::HashMap;

use super::messages::WorkerId;
use crate::actors::Name;

/// How many keys a pool remembers. Beyond them, the least recently used key is forgotten.
pub(crate) const KEYS: usize = 1024;

/// The worker of each key. It holds living workers only.
#[derive(Debug)]
pub(crate) struct Bindings {
    most: usize,
    bound: HashMap<Name, Bound>,
    uses: u64,
}

#[derive(Debug)]
struct Bound {
    worker: WorkerId,
    used: u64,
}

impl Bindings {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            bound: HashMap::new(),
            uses: 0,
        }
    }

    /// The worker of a key. `None`: the next call with the key chooses one.
    pub(crate) fn worker(&self, key: &Name) -> Option<WorkerId> {
        self.bound.get(key).map(|it| it.worker)
    }

    /// How many keys a worker has.
    pub(crate) fn count(&self, worker: WorkerId) -> usize {
        self.bound.values().filter(|it| it.worker == worker).count()
    }

    /// Notes that a call with this key goes to this worker.
    pub(crate) fn bind(&mut self, key: &Name, worker: WorkerId) {
        self.uses += 1;
        let used = self.uses;
        self.bound.insert(key.clone(), Bound { worker, used });
        if self.bound.len() > self.most {
            let oldest = self.bound.iter().min_by_key(|(_, it)| it.used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.bound.remove(&oldest);
            }
        }
    }

    /// Forgets the keys of a worker that takes no more calls.
    pub(crate) fn unbind(&mut self, worker: WorkerId) {
        self.bound.retain(|_, it| it.worker != worker);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        /// `None` as a key: the worker goes.
        #[test]
        fn the_most_recently_used_keys_are_kept_with_their_last_workers(
            moves in prop::collection::vec((prop::option::of(0_u8..8), 0_u64..4), 0..60),
        ) {
            let mut bindings = Bindings::new(3);
            // The most recently used last.
            let mut model: Vec<(Name, WorkerId)> = Vec::new();
            for (key, worker) in moves {
                match key {
                    Some(key) => {
                        let key: Name = key.to_string().into();
                        bindings.bind(&key, worker);
                        model.retain(|(known, _)| *known != key);
                        model.push((key, worker));
                        if model.len() > 3 {
                            model.remove(0);
                        }
                    }
                    None => {
                        bindings.unbind(worker);
                        model.retain(|(_, of)| *of != worker);
                    }
                }
                for key in 0_u8..8 {
                    let key: Name = key.to_string().into();
                    let expected = model.iter().find(|(known, _)| *known == key);
                    prop_assert_eq!(bindings.worker(&key), expected.map(|(_, worker)| *worker));
                }
                for worker in 0..4 {
                    let expected = model.iter().filter(|(_, of)| *of == worker).count();
                    prop_assert_eq!(bindings.count(worker), expected);
                }
            }
        }
    }
}
