//! Chooses the worker for a waiting call.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
};

use super::{affinity::Bindings, member::Member, messages::WorkerId, queue::Needs};

/// The workers that calls may go to now. It must be asked for the waiting calls in their order: a
/// call that shares a worker must not overtake one that waits for that worker to be idle, or that
/// one would wait for ever.
pub(crate) struct Places<'a> {
    workers: &'a BTreeMap<WorkerId, Member>,
    bindings: &'a Bindings,
    more: bool,
    recycle_after: Option<u64>,
    waited_for: RefCell<WaitedFor>,
}

/// What the calls that were asked for before wait for.
#[derive(Default)]
struct WaitedFor {
    any: bool,
    these: HashSet<WorkerId>,
}

impl<'a> Places<'a> {
    /// Creates it. `more`: whether another idle worker may be used. `recycle_after`: a worker that
    /// has run so many calls takes no more.
    pub(crate) fn new(
        workers: &'a BTreeMap<WorkerId, Member>,
        bindings: &'a Bindings,
        more: bool,
        recycle_after: Option<u64>,
    ) -> Self {
        Self {
            workers,
            bindings,
            more,
            recycle_after,
            waited_for: RefCell::default(),
        }
    }

    /// The worker for a call: the one of its key; else one with room among those that share; else
    /// the idle one with the fewest keys, for which the fewest wait; and of these the oldest, whose
    /// caches are warm.
    pub(crate) fn of(&self, needs: &Needs) -> Option<WorkerId> {
        let bound = needs.key.as_ref().and_then(|key| self.bindings.worker(key));
        let place = match bound {
            Some(worker) => Some(worker).filter(|it| self.takes(*it, needs)),
            None => {
                let workers = self.workers.keys().copied();
                workers
                    .filter(|it| self.takes(*it, needs))
                    .min_by_key(|it| (self.is_idle(*it), self.bindings.count(*it), *it))
            }
        };
        if place.is_none() && !needs.shared {
            let mut waited_for = self.waited_for.borrow_mut();
            match bound {
                Some(worker) => {
                    waited_for.these.insert(worker);
                }
                None => waited_for.any = true,
            }
        }
        place
    }

    /// Whether any call could find a worker.
    pub(crate) fn any(&self) -> bool {
        let sharing = |entry: &Member| !entry.is_idle() && entry.shares();
        let mut workers = self.workers.values();
        workers.any(|entry| sharing(entry) || self.more && entry.is_idle())
    }

    fn is_idle(&self, worker: WorkerId) -> bool {
        self.workers.get(&worker).is_some_and(Member::is_idle)
    }

    fn takes(&self, worker: WorkerId, needs: &Needs) -> bool {
        let Some(entry) = self.workers.get(&worker) else {
            return false;
        };
        if entry.is_idle() {
            return self.more;
        }
        let waited_for = self.waited_for.borrow();
        let spent = self.recycle_after.is_some_and(|it| entry.finished >= it);
        needs.shared
            && entry.shares()
            && !spent
            && !waited_for.any
            && !waited_for.these.contains(&worker)
    }
}
