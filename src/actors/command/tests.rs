//! Tests the invariants of a command and its queue policies, over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;

use crate::actors::command::machine::*;
use crate::{
    actors::fair_queue::{Class, looks},
    error::ErrorCode,
};

#[path = "model.rs"]
mod model;

use model::{State, World};

#[derive(Debug, Clone)]
enum Op {
    Request {
        window: usize,
        class: Class,
        permit: usize,
        queue: usize,
    },
    Cancel(usize),
    WaitedOut(usize),
    Finished(usize),
    Configure(CommandSpec),
    Retire,
    PassOn,
}

fn queue(key: KeySource) -> impl Strategy<Value = QueuePolicy> {
    let max_wait = prop::option::of(Just(Duration::from_secs(2)));
    let latest = key.clone();
    prop_oneof![
        4 => (0usize..8, max_wait).prop_map(|(limit, max_wait)| QueuePolicy::Wait { limit, max_wait }),
        1 => Just(QueuePolicy::Reject),
        2 => any::<bool>().prop_map(move |cancel_running| QueuePolicy::Latest { key: latest.clone(), cancel_running }),
        2 => (1usize..5).prop_map(|limit| QueuePolicy::DropOldest { limit }),
        2 => Just(QueuePolicy::Serial { key }),
    ]
}

fn spec(permit: KeySource, key: KeySource) -> impl Strategy<Value = CommandSpec> {
    let concurrency = prop_oneof![6 => (1usize..4).prop_map(Some), 1 => Just(None)];
    let executor = prop_oneof![Just("portal"), Just("threads")];
    let timeout = prop::option::weighted(0.3, (1u64..3).prop_map(Duration::from_secs));
    let total_timeout = prop::option::weighted(0.1, Just(Duration::from_secs(60)));
    let all = (executor, concurrency, queue(key), timeout, total_timeout);
    all.prop_map(
        move |(executor, concurrency, queue, timeout, total_timeout)| CommandSpec {
            concurrency_per: permit.clone(),
            timeout,
            total_timeout,
            ..CommandSpec::new(executor, concurrency, queue)
        },
    )
}

fn op(permit: KeySource, key: KeySource) -> impl Strategy<Value = Op> {
    let window = prop_oneof![3 => Just(0usize), 1 => 1usize..4];
    let class = prop_oneof![3 => Just(Class::Interactive), 1 => Just(Class::Background)];
    let request = (window, class, 0usize..3, 0usize..3);
    prop_oneof![
        12 => request.prop_map(|(window, class, permit, queue)| Op::Request { window, class, permit, queue }),
        3 => any::<usize>().prop_map(Op::Cancel),
        1 => any::<usize>().prop_map(Op::WaitedOut),
        8 => any::<usize>().prop_map(Op::Finished),
        1 => spec(permit, key).prop_map(Op::Configure),
        1 => Just(Op::Retire),
        1 => Just(Op::PassOn),
    ]
}

/// What keeps calls apart does not change in one history.
fn history() -> impl Strategy<Value = (CommandSpec, Vec<Op>)> {
    let source = || prop_oneof![Just(KeySource::App), Just(KeySource::Window)];
    (source(), source()).prop_flat_map(|(permit, key)| {
        let ops = prop::collection::vec(op(permit.clone(), key.clone()), 0..60);
        (spec(permit, key), ops)
    })
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    #[test]
    fn keeps_its_laws((first, ops) in history()) {
        let mut world = World::new(first);
        for op in ops {
            world.run(op);
        }
        // What was granted comes back, and then all that waited has had its turn.
        while let Some(call) = world.calls.iter().find_map(|(call, it)| {
            matches!(it.state, State::Granted(_)).then_some(*call)
        }) {
            world.step(CommandEvent::Finished { call });
            world.check();
        }
        let gauges = world.machine.gauges();
        prop_assert_eq!((gauges.granted, gauges.waiting), (0, 0));
        prop_assert_eq!(world.those(|it| it.state != State::Ended), 0);
    }
}

fn machine(concurrency: Option<usize>, queue: QueuePolicy) -> CommandMachine {
    CommandMachine::new(
        "render".into(),
        CommandSpec::new("portal", concurrency, queue),
    )
}

fn ask(machine: &mut CommandMachine, call: u64, window: &str, keys: Keys) -> Vec<CommandEffect> {
    let mut effects = Vec::new();
    let event = CommandEvent::Request {
        call: CallKey(call),
        window: window.into(),
        class: Class::default(),
        keys: Ok(keys),
        timeout: None,
    };
    machine.step(event, &mut effects);
    effects
}

fn finish(machine: &mut CommandMachine, call: u64) -> Vec<u64> {
    let mut effects = Vec::new();
    let call = CallKey(call);
    machine.step(CommandEvent::Finished { call }, &mut effects);
    let granted = effects.iter().filter_map(|effect| match effect {
        CommandEffect::Dispatch { call, .. } => Some(call.0),
        _ => None,
    });
    granted.collect()
}

#[test]
fn a_refusal_names_the_limit_of_the_queue() {
    let mut machine = machine(Some(2), QueuePolicy::wait(1));
    let effects: Vec<_> = (0..4)
        .flat_map(|call| ask(&mut machine, call, "main", Keys::default()))
        .collect();
    let Some(CommandEffect::Refuse { error, .. }) = effects.last() else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (&error.details["limit"], &error.details["queueLimit"]),
        (&3.into(), &1.into())
    );
    assert_eq!(error.details["scope"], "command");
    assert!(error.details["retryAfterMs"].is_u64());
}

#[test]
fn a_window_that_floods_delays_another_by_one_grant() {
    let mut machine = machine(Some(1), QueuePolicy::wait(1024));
    for call in 0..100 {
        ask(&mut machine, call, "flood", Keys::default());
    }
    ask(&mut machine, 100, "other", Keys::default());
    assert_eq!(finish(&mut machine, 0), [1]);
    assert_eq!(finish(&mut machine, 1), [100]);
}

#[test]
fn serial_calls_of_other_keys_pass_those_that_must_wait() {
    let mut machine = machine(
        Some(2),
        QueuePolicy::Serial {
            key: KeySource::App,
        },
    );
    let of = |doc: &str| Keys {
        permit: None,
        queue: Some(doc.into()),
    };
    for (call, doc) in [(0, "a"), (1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "c")] {
        ask(&mut machine, call, "main", of(doc));
    }
    assert_eq!(machine.gauges().granted, 2, "one of a and one of b");
    assert_eq!(finish(&mut machine, 3), [4]);
    assert_eq!(finish(&mut machine, 0), [1]);
    assert_eq!(finish(&mut machine, 4), [5], "a runs already");
    assert_eq!(finish(&mut machine, 1), [2]);
}

/// How many lanes and windows a step looks at.
fn looks(machine: &mut CommandMachine, event: CommandEvent, running: &mut VecDeque<u64>) -> usize {
    let mut effects = Vec::new();
    looks::take();
    machine.step(event, &mut effects);
    running.extend(effects.iter().filter_map(|effect| match effect {
        CommandEffect::Dispatch { call, .. } => Some(call.0),
        _ => None,
    }));
    looks::take()
}

/// The most that one of the next 200 finishes and requests looks at, with this many calls waiting.
fn most_looks(spec: CommandSpec, depth: u64, of: impl Fn(u64) -> (String, Class, Keys)) -> usize {
    let mut machine = CommandMachine::new("render".into(), spec);
    let mut running = VecDeque::new();
    let request = |call| {
        let (window, class, keys) = of(call);
        CommandEvent::Request {
            call: CallKey(call),
            window: window.into(),
            class,
            keys: Ok(keys),
            timeout: None,
        }
    };
    for call in 0..depth {
        looks(&mut machine, request(call), &mut running);
    }
    let mut most = 0;
    for call in depth..depth + 200 {
        let call = CallKey(call);
        let ended = CallKey(running.pop_front().expect("one runs"));
        let finished = CommandEvent::Finished { call: ended };
        most = most.max(looks(&mut machine, finished, &mut running));
        most = most.max(looks(&mut machine, request(call.0), &mut running));
    }
    most
}

#[test]
fn what_a_step_costs_does_not_grow_with_what_waits() {
    const MANY: QueuePolicy = QueuePolicy::Wait {
        limit: usize::MAX,
        max_wait: None,
    };
    let doc = || KeySource::try_from("/doc".to_owned()).unwrap();
    let user = || KeySource::try_from("/user".to_owned()).unwrap();
    let spec = |concurrency, per: KeySource, queue| CommandSpec {
        concurrency_per: per,
        ..CommandSpec::new("portal", Some(concurrency), queue)
    };
    let latest = QueuePolicy::Latest {
        key: doc(),
        cancel_running: true,
    };
    let last = |depth| QueuePolicy::DropOldest { limit: depth / 2 };
    let serial = |key| QueuePolicy::Serial { key };
    let policies = |depth| {
        [
            ("wait", spec(4, KeySource::App, MANY)),
            ("serial", spec(64, KeySource::App, serial(doc()))),
            ("few permits", spec(2, KeySource::App, serial(doc()))),
            ("permits of a key", spec(1, doc(), MANY)),
            ("two keys", spec(1, user(), serial(doc()))),
            ("latest", spec(2, KeySource::App, latest.clone())),
            ("drop oldest", spec(2, KeySource::App, last(depth))),
            ("drop oldest of a key", spec(2, doc(), last(depth))),
        ]
    };
    const DEPTHS: [usize; 2] = [200, 4000];
    let [few, many] = DEPTHS.map(policies);
    for ((what, few), (_, many)) in few.into_iter().zip(many) {
        for (docs, windows) in [(1, 1), (64, 16), (u64::MAX, 1), (1, u64::MAX)] {
            let key = |source: &KeySource, call: u64| match source {
                KeySource::App => None,
                source if *source == user() => Some(format!("user {}", call % 7).into()),
                _ => Some(format!("doc {}", call % docs).into()),
            };
            let [permit, queue] = few.key_sources();
            let of = |call| {
                let class = match call % 3 {
                    0 => Class::Background,
                    _ => Class::Interactive,
                };
                let keys = Keys {
                    permit: key(&permit, call),
                    queue: key(&queue, call),
                };
                (format!("window {}", call % windows), class, keys)
            };
            let few = most_looks(few.clone(), DEPTHS[0] as u64, of);
            let many = most_looks(many.clone(), DEPTHS[1] as u64, of);
            assert!(
                many <= few.max(64),
                "{what}, {docs} keys, {windows} windows: {few} → {many}"
            );
        }
    }
}
