//! Tests the invariants of an executor, over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::actors::executor::machine::*;

#[derive(Debug, Clone)]
enum Op {
    Ready,
    Dispatch(usize, Class),
    Interrupt(usize),
    Finished(usize),
    Drain,
}

fn op() -> impl Strategy<Value = Op> {
    let class = prop_oneof![3 => Just(Class::Interactive), 1 => Just(Class::Background)];
    prop_oneof![
        2 => Just(Op::Ready),
        12 => (0usize..3, class).prop_map(|(window, class)| Op::Dispatch(window, class)),
        3 => any::<usize>().prop_map(Op::Interrupt),
        8 => any::<usize>().prop_map(Op::Finished),
        1 => Just(Op::Drain),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Waiting,
    Running,
    Refused,
    Done,
}

struct World {
    machine: ExecutorMachine,
    capacity: usize,
    ready: bool,
    draining: bool,
    stopped: usize,
    /// In the order of arrival.
    calls: BTreeMap<CallKey, State>,
    /// The window and class of each.
    from: BTreeMap<CallKey, (usize, Class)>,
}

impl World {
    fn new(capacity: Option<usize>) -> Self {
        Self {
            machine: ExecutorMachine::new("portal".into(), capacity),
            capacity: capacity.unwrap_or(usize::MAX),
            ready: false,
            draining: false,
            stopped: 0,
            calls: BTreeMap::new(),
            from: BTreeMap::new(),
        }
    }

    fn count(&self, state: State) -> usize {
        self.calls.values().filter(|it| **it == state).count()
    }

    fn any_call(&self, at: usize) -> Option<CallKey> {
        (!self.calls.is_empty()).then(|| *self.calls.keys().nth(at % self.calls.len()).unwrap())
    }

    fn step(&mut self, event: ExecutorEvent) {
        let (running, drains) = (
            self.count(State::Running),
            matches!(event, ExecutorEvent::Drain),
        );
        let first = drains && !self.draining;
        let asks = matches!(event, ExecutorEvent::Interrupt { .. });
        match event {
            ExecutorEvent::Ready => self.ready = true,
            ExecutorEvent::Drain => self.draining = true,
            _ => {}
        }
        let mut effects = Vec::new();
        self.machine.step(event, &mut effects);
        let mut stops = 0;
        for effect in effects {
            match effect {
                ExecutorEffect::Start { call, .. } => self.start(call),
                ExecutorEffect::Stop { call, .. } => {
                    assert_eq!(self.calls[&call], State::Running);
                    stops += 1;
                }
                ExecutorEffect::Refuse { call, .. } => {
                    assert!(self.draining);
                    let before = self.calls.insert(call, State::Refused);
                    assert_eq!(before, Some(State::Waiting), "it never ran");
                }
                ExecutorEffect::Done { call } => {
                    let before = self.calls.insert(call, State::Done).unwrap();
                    assert!(
                        before != State::Done || asks,
                        "done twice, and nobody asked"
                    );
                }
                ExecutorEffect::Draining { .. } => {
                    assert!(
                        first && stops == 0,
                        "told once, before what runs is stopped"
                    );
                }
                ExecutorEffect::Stopped { .. } => {
                    assert!(self.draining && self.count(State::Running) == 0);
                    self.stopped += 1;
                }
                ExecutorEffect::Failed { .. } => panic!("nothing has failed"),
            }
        }
        if first {
            assert_eq!(stops, running, "a drain stops all that runs");
        }
        self.check();
    }

    fn start(&mut self, call: CallKey) {
        assert!(self.ready && !self.draining, "started out of season");
        assert!(self.count(State::Running) < self.capacity);
        let same = |it: &&CallKey| self.from[*it] == self.from[&call];
        let waits = |it: &&CallKey| self.calls[*it] == State::Waiting;
        let first = self.calls.keys().filter(same).find(waits);
        assert_eq!(first, Some(&call), "not in order within its window");
        self.calls.insert(call, State::Running);
    }

    fn check(&self) {
        let expected = ExecutorGauges {
            running: self.count(State::Running),
            waiting: self.count(State::Waiting),
        };
        assert_eq!(self.machine.gauges(), expected);
        assert_eq!(self.count(State::Refused), 0, "refused, and never done");
        assert_eq!(
            self.stopped,
            usize::from(self.draining && expected.running == 0)
        );
        if self.ready && expected.waiting > 0 {
            assert_eq!(
                expected.running, self.capacity,
                "a call waits beside free room"
            );
        }
        assert!(!self.draining || expected.waiting == 0);
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Ready => self.step(ExecutorEvent::Ready),
            Op::Dispatch(window, class) => {
                let call = CallKey(self.calls.len() as u64);
                self.calls.insert(call, State::Waiting);
                self.from.insert(call, (window, class));
                let window = format!("window-{window}").into();
                self.step(ExecutorEvent::Dispatch {
                    call,
                    window,
                    class,
                });
            }
            Op::Interrupt(at) => {
                if let Some(call) = self.any_call(at) {
                    self.step(ExecutorEvent::Interrupt { call });
                    assert_ne!(self.calls[&call], State::Waiting);
                }
            }
            Op::Finished(at) => {
                let running = |call: &CallKey| self.calls[call] == State::Running;
                let call = self.any_call(at).filter(running);
                call.into_iter()
                    .for_each(|call| self.step(ExecutorEvent::Finished { call }));
            }
            Op::Drain => self.step(ExecutorEvent::Drain),
        }
    }
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    #[test]
    fn keeps_its_laws(
        capacity in prop::option::weighted(0.8, 1usize..4),
        ops in prop::collection::vec(op(), 0..60),
    ) {
        let mut world = World::new(capacity);
        for op in ops {
            world.run(op);
        }
        world.step(ExecutorEvent::Drain);
        for call in world.calls.keys().copied().collect::<Vec<_>>() {
            world.step(ExecutorEvent::Finished { call });
        }
        prop_assert_eq!(world.stopped, 1);
        prop_assert_eq!(world.count(State::Done), world.calls.len());
    }
}

#[test]
fn a_window_that_floods_delays_another_by_one_start() {
    let mut machine = ExecutorMachine::new("threads".into(), Some(1));
    let mut effects = Vec::new();
    machine.step(ExecutorEvent::Ready, &mut effects);
    let windows = [["flood"; 50].as_slice(), &["other"]].concat();
    for (call, window) in (0..).map(CallKey).zip(windows) {
        let dispatch = ExecutorEvent::Dispatch {
            call,
            window: window.into(),
            class: Class::default(),
        };
        machine.step(dispatch, &mut effects);
    }
    for call in [0, 1].map(CallKey) {
        machine.step(ExecutorEvent::Finished { call }, &mut effects);
    }
    let started = |effect: &ExecutorEffect| match effect {
        ExecutorEffect::Start { call, .. } => Some(call.0),
        _ => None,
    };
    let order: Vec<_> = effects.iter().filter_map(started).collect();
    assert_eq!(order, [0, 1, 50]);
}

#[test]
fn one_that_is_restarted_while_the_app_drains_takes_nothing_new() {
    let mut machine = ExecutorMachine::new("portal".into(), None);
    machine.step(ExecutorEvent::Ready, &mut Vec::new());
    // The news of the drain was what panicked.
    let (mut fresh, effects) = machine.restarted(&[], true, false);
    let executor = || Name::from("portal");
    let [draining, stopped] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(
        *draining,
        ExecutorEffect::Draining {
            executor: executor()
        }
    );
    assert_eq!(
        *stopped,
        ExecutorEffect::Stopped {
            executor: executor()
        }
    );
    let mut effects = Vec::new();
    let call = CallKey(1);
    let event = ExecutorEvent::Dispatch {
        call,
        window: "main".into(),
        class: Class::Interactive,
    };
    fresh.step(event, &mut effects);
    assert!(matches!(
        effects[..],
        [ExecutorEffect::Refuse { .. }, ExecutorEffect::Done { .. }]
    ));
}
