//! Laws 1, 3 and 6 of a command, and its fairness, over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Op {
    Request { window: usize },
    Cancel(usize),
    Finished(usize),
    Configure(CommandSpec),
    Retire,
    PassOn,
}

fn spec() -> impl Strategy<Value = CommandSpec> {
    let queue = prop_oneof![
        4 => (0usize..8).prop_map(|limit| QueuePolicy::Wait { limit }),
        1 => Just(QueuePolicy::Reject),
    ];
    let concurrency = prop_oneof![6 => (1usize..4).prop_map(Some), 1 => Just(None)];
    (
        prop_oneof![Just("portal"), Just("threads")],
        concurrency,
        queue,
    )
        .prop_map(|(executor, concurrency, queue)| CommandSpec {
            executor: executor.into(),
            concurrency,
            queue,
        })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => prop_oneof![3 => Just(0usize), 1 => 1usize..4].prop_map(|window| Op::Request { window }),
        3 => any::<usize>().prop_map(Op::Cancel),
        8 => any::<usize>().prop_map(Op::Finished),
        1 => spec().prop_map(Op::Configure),
        1 => Just(Op::Retire),
        1 => Just(Op::PassOn),
    ]
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    New,
    Waiting,
    Granted(Name),
    Ended,
}

struct World {
    machine: CommandMachine,
    spec: CommandSpec,
    retired: bool,
    passes_on: bool,
    /// In the order of arrival.
    calls: BTreeMap<CallKey, (usize, State)>,
    /// While a window waits: how often each other one was served.
    overtaken: BTreeMap<usize, BTreeMap<usize, usize>>,
}

impl World {
    fn new(spec: CommandSpec) -> Self {
        Self {
            machine: CommandMachine::new("render".into(), spec.clone()),
            spec,
            retired: false,
            passes_on: false,
            calls: BTreeMap::new(),
            overtaken: BTreeMap::new(),
        }
    }

    fn count(&self, is: impl Fn(&State) -> bool) -> usize {
        self.calls.values().filter(|(_, state)| is(state)).count()
    }

    fn granted(&self) -> usize {
        self.count(|state| matches!(state, State::Granted(_)))
    }

    fn waiting(&self) -> usize {
        self.count(|state| *state == State::Waiting)
    }

    fn queue_limit(&self) -> usize {
        match self.spec.queue {
            QueuePolicy::Wait { limit } => limit,
            QueuePolicy::Reject => 0,
        }
    }

    fn any_call(&self, at: usize) -> Option<CallKey> {
        (!self.calls.is_empty()).then(|| *self.calls.keys().nth(at % self.calls.len()).unwrap())
    }

    fn dispatched(&mut self, call: CallKey, executor: &Name) {
        assert!(!self.retired);
        assert_eq!(*executor, self.spec.executor);
        let limit = self.spec.concurrency.unwrap_or(usize::MAX);
        assert!(self.granted() < limit, "a permit too many");
        let (window, state) = self.calls[&call].clone();
        assert!(matches!(state, State::New | State::Waiting), "{state:?}");
        let mut before = self.calls.range(..call).map(|(_, it)| it);
        assert!(
            !before.any(|(of, state)| *of == window && *state == State::Waiting),
            "not in order within its window"
        );
        self.calls.get_mut(&call).unwrap().1 = State::Granted(executor.clone());
        self.overtaken.remove(&window);
        for (waiting, served) in &mut self.overtaken {
            let times = served.entry(window).or_default();
            *times += 1;
            assert!(
                *times <= 1,
                "window {window} was served twice before {waiting}"
            );
        }
    }

    fn step(&mut self, event: CommandEvent) -> Vec<CommandEffect> {
        let mut effects = Vec::new();
        let retiring = matches!(event, CommandEvent::Retire | CommandEvent::PassOn);
        self.machine.step(event, &mut effects);
        for effect in &effects {
            match effect {
                CommandEffect::Dispatch { call, executor } => self.dispatched(*call, executor),
                CommandEffect::Refuse { call, .. } | CommandEffect::PassOn { call } => {
                    let passed = matches!(effect, CommandEffect::PassOn { .. });
                    assert_eq!(passed, self.passes_on);
                    let queued = if retiring { State::Waiting } else { State::New };
                    assert_eq!(self.end(*call), queued);
                }
                CommandEffect::Removed { call } => assert_eq!(self.end(*call), State::Waiting),
                CommandEffect::Released { call } => {
                    assert!(matches!(self.end(*call), State::Granted(_)));
                }
                CommandEffect::Interrupt { call, executor } => {
                    assert_eq!(self.calls[call].1, State::Granted(executor.clone()));
                }
            }
        }
        effects
    }

    fn end(&mut self, call: CallKey) -> State {
        std::mem::replace(&mut self.calls.get_mut(&call).unwrap().1, State::Ended)
    }

    fn request(&mut self, window: usize) {
        let call = CallKey(self.calls.len() as u64);
        let full = self.waiting() >= self.queue_limit();
        self.calls.insert(call, (window, State::New));
        let name: Name = format!("window-{window}").into();
        let effects = self.step(CommandEvent::Request { call, window: name });
        assert!(effects.len() <= 1, "only about this call: {effects:?}");
        let state = &mut self.calls.get_mut(&call).unwrap().1;
        if *state == State::New {
            *state = State::Waiting;
            assert!(!full && !self.retired, "queued beyond the policy");
        }
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Request { window } => self.request(window),
            Op::Cancel(at) => {
                if let Some(call) = self.any_call(at) {
                    let before = self.calls[&call].1.clone();
                    let effects = self.step(CommandEvent::Cancel { call });
                    assert_eq!(effects.len(), usize::from(before != State::Ended));
                }
            }
            Op::Finished(at) => {
                if let Some(call) = self.any_call(at) {
                    self.step(CommandEvent::Finished { call });
                }
            }
            Op::Configure(spec) => {
                (self.spec, self.retired) = (spec.clone(), false);
                self.passes_on = false;
                self.step(CommandEvent::Configure { spec });
            }
            Op::Retire => {
                self.passes_on = false;
                self.step(CommandEvent::Retire);
                self.retired = true;
                assert_eq!(self.waiting(), 0);
            }
            Op::PassOn => {
                self.passes_on = true;
                self.step(CommandEvent::PassOn);
                self.retired = true;
                assert_eq!(self.waiting(), 0);
            }
        }
        self.check();
    }

    fn check(&mut self) {
        let expected = CommandGauges {
            granted: self.granted(),
            waiting: self.waiting(),
        };
        assert_eq!(self.machine.gauges(), expected);
        let limit = self.spec.concurrency.unwrap_or(usize::MAX);
        assert!(
            expected.waiting == 0 || expected.granted >= limit,
            "a call waits beside a free permit"
        );
        let queues = self
            .machine
            .waiting
            .turns
            .iter()
            .map(|(_, queue)| queue.len());
        assert_eq!(
            queues.sum::<usize>(),
            expected.waiting,
            "something is kept for nobody"
        );
        for window in 0..4 {
            let waits = |(of, state): &(usize, State)| *of == window && *state == State::Waiting;
            if self.calls.values().any(waits) {
                self.overtaken.entry(window).or_default();
            } else {
                self.overtaken.remove(&window);
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::cases::cases())]

    #[test]
    fn keeps_its_laws(first in spec(), ops in prop::collection::vec(op(), 0..60)) {
        let mut world = World::new(first);
        for op in ops {
            world.run(op);
        }
        // What was granted comes back, and then all that waited has had its turn.
        while let Some(call) = world.calls.iter().find_map(|(call, (_, state))| {
            matches!(state, State::Granted(_)).then_some(*call)
        }) {
            world.step(CommandEvent::Finished { call });
            world.check();
        }
        prop_assert_eq!(world.machine.gauges(), CommandGauges { granted: 0, waiting: 0 });
        prop_assert_eq!(world.count(|state| *state != State::Ended), 0);
    }
}

#[test]
fn a_refusal_names_the_limit_of_the_queue() {
    let mut machine = CommandMachine::new(
        "render".into(),
        CommandSpec {
            executor: "portal".into(),
            concurrency: Some(2),
            queue: QueuePolicy::Wait { limit: 1 },
        },
    );
    let mut effects = Vec::new();
    for call in (0..4).map(CallKey) {
        let window = "main".into();
        machine.step(CommandEvent::Request { call, window }, &mut effects);
    }
    let Some(CommandEffect::Refuse { error, .. }) = effects.last() else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (&error.details["limit"], &error.details["queueLimit"]),
        (&3.into(), &1.into())
    );
}
