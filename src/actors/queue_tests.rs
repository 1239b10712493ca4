//! The order of waiting calls, over random histories.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::*;

const WINDOWS: usize = 4;

#[derive(Debug, Clone)]
enum Op {
    Push(usize, Class),
    /// Calls of these remainders by 3 may not go.
    Pop(HashSet<u64>),
    Remove(usize),
    Replace(usize, usize, Class),
}

fn class() -> impl Strategy<Value = Class> {
    prop_oneof![3 => Just(Class::Interactive), 1 => Just(Class::Background)]
}

fn op() -> impl Strategy<Value = Op> {
    let blocked = prop_oneof![
        6 => Just(HashSet::new()),
        1 => prop::collection::hash_set(0u64..3, 1..3),
    ];
    prop_oneof![
        10 => (0..WINDOWS, class()).prop_map(|(window, class)| Op::Push(window, class)),
        8 => blocked.prop_map(Op::Pop),
        2 => any::<usize>().prop_map(Op::Remove),
        1 => (any::<usize>(), 0..WINDOWS, class()).prop_map(|(at, window, class)| Op::Replace(at, window, class)),
    ]
}

fn name(window: usize) -> Name {
    format!("window-{window}").into()
}

#[derive(Default)]
struct World {
    queue: FairQueue,
    /// What waits, by its place in the order of its window: window, class and call.
    waiting: BTreeMap<u64, (usize, Class, CallKey)>,
    next: u64,
    /// For each window and class that could go: who of its class was served since.
    served: BTreeMap<(usize, bool), Vec<usize>>,
    /// Interactive calls served since background waited.
    overtaken: usize,
}

impl World {
    fn new_call(&mut self) -> CallKey {
        self.next += 1;
        CallKey(self.next)
    }

    fn any(&self, at: usize) -> Option<(u64, (usize, Class, CallKey))> {
        let len = self.waiting.len();
        let entry = (len > 0).then(|| self.waiting.iter().nth(at % len).unwrap());
        entry.map(|(place, it)| (*place, *it))
    }

    fn push(&mut self, window: usize, class: Class) {
        let call = self.new_call();
        self.queue.push(&name(window), class, call);
        self.waiting.insert(self.next, (window, class, call));
    }

    fn pop(&mut self, blocked: &HashSet<u64>) {
        let may = |call: CallKey| !blocked.contains(&(call.0 % 3));
        let Some(call) = self.queue.pop(may) else {
            assert!(self.waiting.values().all(|(_, _, call)| !may(*call)));
            return;
        };
        let (&place, &(window, class, _)) =
            self.waiting.iter().find(|(_, it)| it.2 == call).unwrap();
        assert!(may(call));
        let mut before = self.waiting.range(..place).map(|(_, it)| it);
        assert!(
            !before.any(|(of, its, call)| (*of, *its) == (window, class) && may(*call)),
            "not in order within its window"
        );
        self.waiting.remove(&place);
        self.check_share(class, blocked.is_empty());
        self.check_turns(window, class, blocked.is_empty());
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
                    assert!(self.queue.remove(call));
                    assert!(!self.queue.remove(call));
                }
            }
            Op::Replace(at, window, class) => {
                if let Some((place, (of, its, old))) = self.any(at) {
                    let new = self.new_call();
                    self.queue.replace(old, &name(window), class, new);
                    self.waiting.remove(&place);
                    let same = (of, its) == (window, class);
                    let place = if same { place } else { self.next };
                    self.waiting.insert(place, (window, class, new));
                }
            }
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
        let turns = [&self.queue.interactive, &self.queue.background];
        let mut turns = turns.into_iter().flat_map(|it| &it.turns);
        assert!(
            turns.all(|(_, calls)| !calls.is_empty()),
            "a turn of nobody"
        );
    }
}

proptest! {
    #![proptest_config(crate::cases::cases())]

    #[test]
    fn keeps_its_order(ops in prop::collection::vec(op(), 0..80)) {
        let mut world = World::default();
        for op in ops {
            world.run(op);
        }
        let left: HashSet<_> = std::iter::from_fn(|| world.queue.pop(|_| true)).collect();
        prop_assert_eq!(left, world.waiting.values().map(|it| it.2).collect());
        prop_assert!(world.queue.is_empty());
    }
}

fn queue_of(windows: &[usize]) -> FairQueue {
    let mut queue = FairQueue::default();
    for (call, window) in windows.iter().enumerate() {
        queue.push(&name(*window), Class::Interactive, CallKey(call as u64));
    }
    queue
}

#[test]
fn a_window_that_floods_makes_nobody_wait_longer_than_a_round() {
    let mut queue = queue_of(&[[0; 100].as_slice(), &[1, 2, 1]].concat());
    let served: Vec<_> = std::iter::from_fn(|| queue.pop(|_| true)).take(6).collect();
    assert_eq!(served, [0, 100, 101, 1, 102, 2].map(CallKey));
}

#[test]
fn the_background_gets_a_tenth_while_others_wait_and_all_when_it_is_alone() {
    let mut queue = queue_of(&[0; 40]);
    for call in 100..110 {
        queue.push(&name(1), Class::Background, CallKey(call));
    }
    let served: Vec<_> = std::iter::from_fn(|| queue.pop(|_| true)).collect();
    let background = |call: &&CallKey| call.0 >= 100;
    assert_eq!(served[..40].iter().filter(background).count(), 4);
    assert_eq!(served[44..].iter().filter(background).count(), 6);
}

#[test]
fn who_floods_loses_its_own_oldest() {
    assert_eq!(
        queue_of(&[0, 1, 1]).oldest_of_busiest(&name(1), |_| true),
        Some(CallKey(1))
    );
    assert_eq!(
        queue_of(&[0, 1]).oldest_of_busiest(&name(1), |_| true),
        Some(CallKey(1))
    );
    // As many each: the oldest of all.
    assert_eq!(
        queue_of(&[0, 0, 1]).oldest_of_busiest(&name(1), |_| true),
        Some(CallKey(0))
    );
    assert_eq!(queue_of(&[]).oldest_of_busiest(&name(1), |_| true), None);
}

#[test]
fn a_call_that_is_put_back_goes_first_and_the_others_of_its_window_after_it() {
    let mut queue = queue_of(&[0, 1, 1]);
    assert_eq!(queue.pop(|_| true), Some(CallKey(0)));
    assert_eq!(queue.pop(|_| true), Some(CallKey(1)));
    queue.put_back(&name(1), Class::Interactive, CallKey(1));
    queue.put_back(&name(0), Class::Interactive, CallKey(0));
    let served: Vec<_> = std::iter::from_fn(|| queue.pop(|_| true)).collect();
    assert_eq!(served, [0, 1, 2].map(CallKey));
    assert!(queue.is_empty());
}
