//! Tests the order of waiting calls, over random histories.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use crate::actors::{fair_queue::*, ids::Name};

#[path = "model.rs"]
mod model;

use model::Model;

const WINDOWS: usize = 4;

/// What keeps a call, by its number: one of three things, and one of two others.
fn key(call: CallKey) -> (u64, u64) {
    (call.0 % 3, call.0 % 2)
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Obstacle {
    Unknown,
    First(u64),
    Second(u64),
}

/// What is taken: none of these calls may go.
type Blocked = (HashSet<u64>, HashSet<u64>);

fn obstacle(blocked: &Blocked, key: (u64, u64)) -> Option<Obstacle> {
    let first = blocked.0.contains(&key.0).then_some(Obstacle::First(key.0));
    let second = || {
        blocked
            .1
            .contains(&key.1)
            .then_some(Obstacle::Second(key.1))
    };
    first.or_else(second)
}

fn lane<K>(window: usize, class: Class, key: K) -> Lane<K> {
    let window = name(window);
    Lane { class, window, key }
}

#[derive(Debug, Clone)]
enum Op {
    Push(usize, Class),
    Pop(Blocked),
    Remove(usize),
    Replace(usize, usize, Class),
    PutBack,
    WaitAll,
}

fn class() -> impl Strategy<Value = Class> {
    prop_oneof![3 => Just(Class::Interactive), 1 => Just(Class::Background)]
}

fn op() -> impl Strategy<Value = Op> {
    let blocked = prop_oneof![
        3 => Just(Blocked::default()),
        1 => (prop::collection::hash_set(0u64..3, 0..3), prop::collection::hash_set(0u64..2, 0..2)),
    ];
    prop_oneof![
        10 => (0..WINDOWS, class()).prop_map(|(window, class)| Op::Push(window, class)),
        8 => blocked.prop_map(Op::Pop),
        2 => any::<usize>().prop_map(Op::Remove),
        1 => (any::<usize>(), 0..WINDOWS, class()).prop_map(|(at, window, class)| Op::Replace(at, window, class)),
        1 => Just(Op::PutBack),
        1 => Just(Op::WaitAll),
    ]
}

fn name(window: usize) -> Name {
    format!("window-{window}").into()
}

#[derive(Default)]
struct World {
    queue: FairQueue<(u64, u64), Obstacle>,
    model: Model,
    /// What waits, by its place in the order of its window: window, class and call.
    waiting: BTreeMap<i64, (usize, Class, CallKey)>,
    next: i64,
    /// The last that went, and the place of the last that was put back.
    popped: Option<(usize, Class, CallKey)>,
    first: i64,
    /// For each window and class that could go: who of its class was served since.
    served: BTreeMap<(usize, bool), Vec<usize>>,
    /// Interactive calls served since background waited.
    overtaken: usize,
}

impl World {
    fn new_call(&mut self) -> CallKey {
        self.next += 1;
        CallKey(self.next as u64)
    }

    fn any(&self, at: usize) -> Option<(i64, (usize, Class, CallKey))> {
        let len = self.waiting.len();
        let entry = (len > 0).then(|| self.waiting.iter().nth(at % len).unwrap());
        entry.map(|(place, it)| (*place, *it))
    }

    fn push(&mut self, window: usize, class: Class) {
        let call = self.new_call();
        let lane = lane(window, class, key(call));
        self.queue.push(lane, call, Obstacle::Unknown);
        self.model.push(&name(window), class, call);
        self.waiting.insert(self.next, (window, class, call));
    }

    fn pop(&mut self, blocked: &Blocked) {
        let may = |call: CallKey| obstacle(blocked, key(call)).is_none();
        let firsts = (0..3).filter(|it| !blocked.0.contains(it));
        let seconds = (0..2).filter(|it| !blocked.1.contains(it));
        let free: Vec<_> = [Obstacle::Unknown]
            .into_iter()
            .chain(firsts.map(Obstacle::First))
            .chain(seconds.map(Obstacle::Second))
            .collect();
        let next = self.queue.pop(&free, |key| obstacle(blocked, *key));
        assert_eq!(next.as_ref().map(|it| it.0), self.model.pop(may));
        let Some((call, lane)) = next else {
            assert!(self.waiting.values().all(|(_, _, call)| !may(*call)));
            return;
        };
        assert_eq!(lane.key, key(call));
        let (&place, &(window, class, _)) =
            self.waiting.iter().find(|(_, it)| it.2 == call).unwrap();
        assert!(may(call));
        let mut before = self.waiting.range(..place).map(|(_, it)| it);
        assert!(
            !before.any(|(of, its, call)| (*of, *its) == (window, class) && may(*call)),
            "not in order within its window"
        );
        self.popped = self.waiting.remove(&place);
        let all_may = *blocked == Blocked::default();
        self.check_share(class, all_may);
        self.check_turns(window, class, all_may);
    }

    fn check_share(&mut self, class: Class, all_may: bool) {
        let waits = self.waiting.values().any(|it| it.1 == Class::Background);
        if class == Class::Background || !waits {
            self.overtaken = 0;
        } else if all_may {
            self.overtaken += 1;
            assert!(self.overtaken < BACKGROUND_SHARE, "the background starves");
        }
    }

    /// While a window waits, each other one is served at most once.
    fn check_turns(&mut self, window: usize, class: Class, all_may: bool) {
        let background = class == Class::Background;
        self.served.remove(&(window, background));
        if !all_may {
            return self.served.clear();
        }
        for ((waiting, of), others) in &mut self.served {
            if *of == background {
                assert!(!others.contains(&window), "{window} twice before {waiting}");
                others.push(window);
            }
        }
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Push(window, class) => self.push(window, class),
            Op::Pop(blocked) => self.pop(&blocked),
            Op::Remove(at) => {
                if let Some((place, (.., call))) = self.any(at) {
                    self.waiting.remove(&place);
                    assert!(self.queue.remove(call).is_some());
                    assert!(self.queue.remove(call).is_none());
                    self.model.remove(call);
                }
            }
            Op::Replace(at, window, class) => {
                if let Some((place, (of, its, old))) = self.any(at) {
                    let new = self.new_call();
                    let lane = lane(window, class, key(new));
                    let before = self.queue.replace(old, lane, new, Obstacle::Unknown);
                    assert_eq!(before.unwrap().key, key(old));
                    self.model.replace(old, &name(window), class, new);
                    self.waiting.remove(&place);
                    let same = (of, its) == (window, class);
                    let place = if same { place } else { self.next };
                    self.waiting.insert(place, (window, class, new));
                }
            }
            Op::PutBack => {
                if let Some((window, class, call)) = self.popped.take() {
                    let lane = lane(window, class, key(call));
                    self.queue.put_back(lane, call, Obstacle::Unknown);
                    self.model.put_back(&name(window), class, call);
                    self.first -= 1;
                    self.waiting.insert(self.first, (window, class, call));
                    self.served.clear();
                }
            }
            Op::WaitAll => self.queue.wait_all(&Obstacle::Unknown),
        }
        self.check();
    }

    fn check(&mut self) {
        assert_eq!(self.queue.len(), self.waiting.len());
        for window in 0..WINDOWS {
            for background in [false, true] {
                let is = |it: &(usize, Class, CallKey)| {
                    (it.0, it.1 == Class::Background) == (window, background)
                };
                if self.waiting.values().any(is) {
                    self.served.entry((window, background)).or_default();
                } else {
                    self.served.remove(&(window, background));
                }
            }
        }
        self.check_that_nothing_is_kept_for_nobody();
    }

    fn check_that_nothing_is_kept_for_nobody(&self) {
        let queue = &self.queue;
        let waiting = self.waiting.len();
        let lanes = queue.lanes.values();
        assert!(lanes.clone().all(|it| !it.by_place.is_empty()));
        assert_eq!(lanes.map(|it| it.by_place.len()).sum::<usize>(), waiting);
        let turns = [&queue.turns.interactive, &queue.turns.background];
        let turns = turns.into_iter().flat_map(|it| it.windows.values());
        assert!(turns.clone().all(|(_, calls)| *calls > 0));
        assert_eq!(turns.map(|(_, calls)| calls).sum::<usize>(), waiting);
        let stands = queue.stands.values();
        assert!(
            stands
                .clone()
                .all(|it| !it.interactive.is_empty() || !it.background.is_empty())
        );
        let stands = stands.flat_map(|it| [&it.interactive, &it.background]);
        let windows = stands.clone().flat_map(|it| it.windows.values());
        assert!(windows.clone().all(|(_, lanes)| !lanes.is_empty()));
        let standing: usize = windows.map(|(_, lanes)| lanes.len()).sum();
        assert_eq!(standing, queue.lanes.len(), "each lane waits once");
        assert!(
            stands
                .into_iter()
                .all(|it| it.order.len() == it.windows.len())
        );
    }
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    #[test]
    fn keeps_its_order(ops in prop::collection::vec(op(), 0..80)) {
        let mut world = World::default();
        for op in ops {
            world.run(op);
        }
        while !world.waiting.is_empty() {
            world.run(Op::Pop(Blocked::default()));
        }
        prop_assert!(world.queue.is_empty());
    }
}

fn queue_of(windows: &[usize]) -> FairQueue {
    let mut queue = FairQueue::default();
    for (call, window) in windows.iter().enumerate() {
        let lane = lane(*window, Class::Interactive, ());
        queue.push(lane, CallKey(call as u64), ());
    }
    queue
}

fn next(queue: &mut FairQueue) -> Option<CallKey> {
    queue.pop(&[()], |()| None).map(|(call, _)| call)
}

#[test]
fn a_window_that_floods_makes_nobody_wait_longer_than_a_round() {
    let mut queue = queue_of(&[[0; 100].as_slice(), &[1, 2, 1]].concat());
    let served: Vec<_> = std::iter::from_fn(|| next(&mut queue)).take(6).collect();
    assert_eq!(served, [0, 100, 101, 1, 102, 2].map(CallKey));
}

#[test]
fn the_background_gets_a_tenth_while_others_wait_and_all_when_it_is_alone() {
    let mut queue = queue_of(&[0; 40]);
    for call in 100..110 {
        queue.push(lane(1, Class::Background, ()), CallKey(call), ());
    }
    let served: Vec<_> = std::iter::from_fn(|| next(&mut queue)).collect();
    let background = |call: &&CallKey| call.0 >= 100;
    assert_eq!(served[..40].iter().filter(background).count(), 4);
    assert_eq!(served[44..].iter().filter(background).count(), 6);
}

#[test]
fn a_call_that_is_put_back_goes_first_and_the_others_of_its_window_after_it() {
    let mut queue = queue_of(&[0, 1, 1]);
    assert_eq!(next(&mut queue), Some(CallKey(0)));
    assert_eq!(next(&mut queue), Some(CallKey(1)));
    queue.put_back(lane(1, Class::Interactive, ()), CallKey(1), ());
    queue.put_back(lane(0, Class::Interactive, ()), CallKey(0), ());
    let served: Vec<_> = std::iter::from_fn(|| next(&mut queue)).collect();
    assert_eq!(served, [0, 1, 2].map(CallKey));
    assert!(queue.is_empty());
}
