//! Tests the invariants of a pool over random histories.

use std::collections::{BTreeSet, HashMap, HashSet};

use proptest::prelude::*;

use super::tests::{at, died, ended, pool, spec, task};
use crate::workers::pool::machine::*;

#[derive(Debug, Clone)]
enum Move {
    Run {
        command: u8,
        window: u8,
        key: Option<u8>,
        shared: bool,
        idempotent: bool,
    },
    Cancel(usize),
    Ready(usize),
    /// The worker may say that it should run no other call.
    Finish(usize, bool),
    Die(usize),
    /// `meant`: with the call that it has.
    Kill {
        worker: usize,
        meant: bool,
    },
    Grow(usize),
    Renew,
    Wait(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0_u8..3, 0_u8..3, prop::option::of(0_u8..3), any::<bool>(), any::<bool>())
            .prop_map(|(command, window, key, shared, idempotent)| Move::Run { command, window, key, shared, idempotent }),
        2 => any::<usize>().prop_map(Move::Cancel),
        3 => any::<usize>().prop_map(Move::Ready),
        4 => (any::<usize>(), prop::bool::weighted(0.2)).prop_map(|(n, unfit)| Move::Finish(n, unfit)),
        2 => any::<usize>().prop_map(Move::Die),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(worker, meant)| Move::Kill { worker, meant }),
        1 => any::<usize>().prop_map(Move::Grow),
        1 => Just(Move::Renew),
        2 => (0_u64..20_000).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 0..80)
}

/// The world around a pool: what its effects have made of processes and calls.
#[derive(Default)]
struct World {
    now: u64,
    calls: u64,
    /// Calls that ran in and have not ended, with how often they may start.
    open: HashMap<CallKey, u8>,
    sent: HashMap<CallKey, u8>,
    /// The window and the key of each call.
    windows: HashMap<CallKey, (u8, Option<u8>)>,
    /// Those that may share a worker.
    shared: HashSet<CallKey>,
    /// Where the last call of a key went.
    bound: HashMap<u8, WorkerId>,
    /// To whom a call was given last.
    given: HashMap<CallKey, WorkerId>,
    cancelled: HashMap<CallKey, u64>,
    /// Living processes: whether READY, and the calls that each runs.
    workers: HashMap<WorkerId, (bool, BTreeSet<CallKey>)>,
    quitting: HashSet<WorkerId>,
    killed: HashSet<WorkerId>,
    /// Those that a call shared which did not stop.
    leaving: HashSet<WorkerId>,
    /// The worker that the app gives up now, and the calls that it names.
    asked: Option<(WorkerId, BTreeSet<CallKey>)>,
    began: HashMap<WorkerId, u64>,
    /// Whether the code has changed just now.
    renewing: bool,
    /// Those with old code.
    outdated: HashSet<WorkerId>,
    /// How many had calls, and how many were neither ending nor dying, before this step.
    busy: usize,
    lives: usize,
}

impl World {
    fn step(&mut self, pool: &mut PoolMachine, event: PoolEvent) -> Result<(), TestCaseError> {
        for effect in at(pool, self.now, event) {
            match effect {
                PoolEffect::Spawn { worker } => {
                    let new = (false, BTreeSet::new());
                    prop_assert!(self.workers.insert(worker, new).is_none());
                    self.began.insert(worker, self.now);
                }
                PoolEffect::Send { worker, call } => {
                    prop_assert!(self.is_first(call), "not in order within its window");
                    let shared = &self.shared;
                    let entry = self.workers.get_mut(&worker);
                    let Some((true, running)) = entry else {
                        return Err(TestCaseError::fail(format!("{worker} is not ready")));
                    };
                    prop_assert!(
                        running.is_empty() || running.len() < SHARE && shared.contains(&call),
                        "{} cannot take {:?}",
                        worker,
                        call
                    );
                    prop_assert!(
                        running.iter().all(|it| shared.contains(it)),
                        "its call is alone"
                    );
                    running.insert(call);
                    let running = &self.workers[&worker].1;
                    prop_assert!(
                        !running.iter().any(|it| self.is_stuck(it)),
                        "one does not stop"
                    );
                    self.given.insert(call, worker);
                    prop_assert!(!self.quitting.contains(&worker), "it is ending");
                    prop_assert!(!self.killed.contains(&worker), "it is dying");
                    prop_assert!(!self.leaving.contains(&worker), "it is leaving");
                    if let Some(key) = self.windows[&call].1 {
                        let before = self.bound.insert(key, worker);
                        prop_assert!(
                            before.is_none_or(|it| it == worker || !self.takes_calls(it)),
                            "its key was elsewhere"
                        );
                    }
                    let sent = self.sent.entry(call).or_default();
                    *sent += 1;
                    prop_assert!(Some(&*sent) <= self.open.get(&call), "started too often");
                }
                PoolEffect::Interrupt { worker, call } => {
                    prop_assert!(self.workers[&worker].1.contains(&call));
                    prop_assert!(self.cancelled.contains_key(&call));
                }
                PoolEffect::Quit { worker } => {
                    prop_assert!(self.workers[&worker].1.is_empty());
                    self.quitting.insert(worker);
                }
                PoolEffect::Kill { worker } => {
                    let (ready, running) = &self.workers[&worker];
                    let asked = self.asked.as_ref();
                    if asked.is_none_or(|(it, named)| *it != worker || named != running) {
                        if running.is_empty() {
                            let late = self.began[&worker] + 30_000 <= self.now;
                            let late = !ready && (late || self.renewing);
                            prop_assert!(late || self.quitting.contains(&worker));
                        }
                        prop_assert!(running.iter().all(|it| self.is_stuck(it)), "not meant");
                    }
                    self.killed.insert(worker);
                }
                PoolEffect::Refuse { call, .. } | PoolEffect::Release { call, .. } => {
                    prop_assert!(self.open.remove(&call).is_some(), "it ended twice");
                }
                PoolEffect::Forget { worker } => {
                    prop_assert!(!self.workers.contains_key(&worker));
                }
                PoolEffect::Look { at } => prop_assert!(at >= self.now),
            }
        }
        for (id, (_, calls)) in &self.workers {
            let stuck = calls.iter().filter(|it| self.is_stuck(it)).count();
            if stuck > 0 && stuck < calls.len() {
                self.leaving.insert(*id);
            }
        }
        // Others take their places: those of old workers one at a time.
        let leaving = |(id, (_, calls)): &(&WorkerId, &(bool, BTreeSet<CallKey>))| {
            self.leaving.contains(id) && !calls.is_empty()
        };
        let leaving = self.workers.iter().filter(leaving);
        let (old, others): (Vec<_>, Vec<_>) =
            leaving.partition(|(id, _)| self.outdated.contains(id));
        let replaced = others.len().min(2) + old.len().min(1);
        let busy = self.workers.values().filter(|(_, calls)| !calls.is_empty());
        let busy = busy.count();
        prop_assert!(
            busy <= self.busy.max(2 + replaced),
            "more workers than may be"
        );
        let live = |id: &&WorkerId| !self.quitting.contains(id) && !self.killed.contains(id);
        let lives = self.workers.keys().filter(live).count();
        prop_assert!(
            lives <= self.lives.max(3 + replaced),
            "more than workers and warm"
        );
        // Those of a renewal may be more than may be replaced.
        (self.busy, self.lives) = (busy, lives);
        let old = self.workers.keys();
        let old = old.filter(|it| self.outdated.contains(it)).count();
        let fresh = self.workers.keys().filter(live);
        let fresh = fresh.filter(|it| !self.leaving.contains(it)).count();
        prop_assert!(
            old == 0 || fresh == 0 || old + fresh <= 4,
            "more than one process beyond workers and warm"
        );
        Ok(())
    }

    /// Whether it was cancelled a grace ago.
    fn is_stuck(&self, call: &CallKey) -> bool {
        let at = self.cancelled.get(call);
        at.is_some_and(|at| at + 3_000 <= self.now)
    }

    fn takes_calls(&self, worker: WorkerId) -> bool {
        self.workers.contains_key(&worker)
            && !self.quitting.contains(&worker)
            && !self.killed.contains(&worker)
            && !self.outdated.contains(&worker)
    }

    /// Whether `call` is the oldest of its window and key that waits, or had its turn before.
    fn is_first(&self, call: CallKey) -> bool {
        let lives = |worker: &WorkerId| self.workers.contains_key(worker);
        let running = |it: &CallKey| self.given.get(it).is_some_and(lives);
        let same = |it: &CallKey| self.windows[it] == self.windows[&call];
        let waiting = || self.open.keys().filter(|it| same(it) && !running(it));
        let had_turn = |it: &&CallKey| self.sent.contains_key(it);
        match waiting().find(had_turn) {
            Some(_) => self.sent.contains_key(&call),
            None => waiting().min() == Some(&call),
        }
    }

    fn nth(&self, n: usize, of: impl Fn(&(bool, BTreeSet<CallKey>)) -> bool) -> Option<WorkerId> {
        let mut ids: Vec<_> = self.workers.iter().filter(|(_, it)| of(it)).collect();
        ids.sort_unstable_by_key(|(id, _)| **id);
        (!ids.is_empty()).then(|| *ids[n % ids.len()].0)
    }

    fn make(&mut self, pool: &mut PoolMachine, it: Move) -> Result<(), TestCaseError> {
        match it {
            Move::Run {
                command,
                window,
                key,
                shared,
                idempotent,
            } => {
                self.calls += 1;
                let call = CallKey(self.calls);
                let starts = if idempotent { 2 } else { 1 };
                self.open.insert(call, starts);
                self.windows.insert(call, (window, key));
                if shared {
                    self.shared.insert(call);
                }
                let task = Task {
                    window: format!("window {window}").into(),
                    key: key.map(|key| format!("key {key}").into()),
                    shared,
                    starts,
                    ..task(self.calls, &format!("command {command}"))
                };
                self.step(pool, PoolEvent::Run(task))
            }
            Move::Cancel(n) => {
                let mut open: Vec<_> = self.open.keys().copied().collect();
                open.sort_unstable();
                let Some(&call) = open.get(n % open.len().max(1)) else {
                    return Ok(());
                };
                self.cancelled.entry(call).or_insert(self.now);
                self.step(pool, PoolEvent::Cancel { call })
            }
            Move::Grow(n) => {
                let Some(worker) = self.nth(n, |_| true) else {
                    return Ok(());
                };
                self.asked = Some((worker, self.workers[&worker].1.clone()));
                self.quitting.insert(worker);
                self.leaving.insert(worker);
                self.step(pool, PoolEvent::Overweight { worker })?;
                self.asked = None;
                Ok(())
            }
            Move::Ready(n) => match self.nth(n, |(ready, _)| !ready) {
                Some(worker) => {
                    self.workers.insert(worker, (true, BTreeSet::new()));
                    self.step(pool, PoolEvent::Ready { worker })
                }
                None => Ok(()),
            },
            Move::Finish(n, unfit) => {
                let mut running: Vec<_> = self.workers.iter().collect();
                running.sort_unstable_by_key(|(id, _)| **id);
                let of = |(id, it): (&WorkerId, &(bool, BTreeSet<CallKey>))| {
                    it.1.iter().map(|call| (*id, *call)).collect::<Vec<_>>()
                };
                let running: Vec<_> = running.into_iter().flat_map(of).collect();
                let Some(&(worker, call)) = running.get(n % running.len().max(1)) else {
                    return Ok(());
                };
                if let Some((_, calls)) = self.workers.get_mut(&worker) {
                    calls.remove(&call);
                }
                if unfit {
                    self.leaving.insert(worker);
                }
                self.step(pool, ended(worker, call.0, unfit))
            }
            Move::Die(n) => match self.nth(n, |_| true) {
                Some(worker) => {
                    self.workers.remove(&worker);
                    self.step(pool, died(worker))
                }
                None => Ok(()),
            },
            Move::Kill { worker, meant } => match self.nth(worker, |_| true) {
                Some(worker) => {
                    let mut named = self.workers[&worker].1.clone();
                    if !meant {
                        named.pop_first();
                    }
                    let calls = named.iter().copied().collect();
                    self.asked = Some((worker, named));
                    let done = self.step(pool, PoolEvent::Kill { worker, calls });
                    self.asked = None;
                    done
                }
                None => Ok(()),
            },
            Move::Renew => {
                let old: Vec<_> = self.workers.keys().copied().collect();
                self.renewing = true;
                self.leaving.extend(&old);
                self.outdated.extend(old);
                let done = self.step(pool, PoolEvent::Renew);
                self.renewing = false;
                done
            }
            Move::Wait(ms) => {
                self.now += ms;
                self.step(pool, PoolEvent::Tick)
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    #[test]
    fn a_pool_keeps_its_promises_whatever_happens(moves in moves()) {
        let (mut pool, mut world) = (pool(spec()), World::default());
        for it in moves {
            world.make(&mut pool, it)?;
        }
        // The end of the app: what runs ends, then the workers do.
        let open: Vec<_> = world.open.keys().copied().collect();
        for call in open {
            world.cancelled.entry(call).or_insert(world.now);
            world.step(&mut pool, PoolEvent::Cancel { call })?;
        }
        let killed: Vec<_> = world.killed.iter().copied().collect();
        let running = world.workers.iter().filter(|(_, (_, calls))| !calls.is_empty());
        let running: Vec<_> = running.map(|(worker, _)| *worker).collect();
        for worker in killed.into_iter().chain(running) {
            if world.workers.remove(&worker).is_some() {
                world.step(&mut pool, died(worker))?;
            }
        }
        world.step(&mut pool, PoolEvent::Stop)?;
        prop_assert!(world.open.is_empty(), "every call has ended");
        for worker in world.workers.keys() {
            let ends = world.quitting.contains(worker) || world.killed.contains(worker);
            prop_assert!(ends, "worker {} was left", worker);
        }
        while let Some(worker) = world.nth(0, |_| true) {
            world.workers.remove(&worker);
            world.step(&mut pool, died(worker))?;
        }
        prop_assert!(pool.workers.is_empty());
    }
}
