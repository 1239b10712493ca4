//! Tests the invariants of a window, over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use crate::actors::window::machine::*;

#[path = "model.rs"]
mod model;

use model::*;

fn page() -> impl Strategy<Value = PageCall> {
    let epoch = prop_oneof![6 => 0u128..2, 1 => 2u128..6];
    (epoch, id()).prop_map(|(epoch, id)| PageCall {
        epoch: Epoch(epoch),
        id,
    })
}

/// Few ids, so that they repeat; one far ahead, which makes the others old.
fn id() -> impl Strategy<Value = u64> {
    prop_oneof![40 => 1u64..14, 1 => Just(6_000u64)]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0u128..6, prop::bool::weighted(0.1)).prop_map(|(epoch, remote)| Op::Hello { epoch, remote }),
        12 => (page(), prop::bool::weighted(0.9))
            .prop_map(|(page, granted)| Op::Admit { page, granted }),
        4 => (page(), prop::collection::vec(id(), 0..4)).prop_map(|(page, and)| Op::Cancel { page, and }),
        1 => any::<usize>().prop_map(Op::Revoke),
        5 => any::<usize>().prop_map(Op::Settled),
        5 => (any::<usize>(), how()).prop_map(|(at, how)| Op::Released(at, how)),
        3 => (0u128..3, page()).prop_map(|(asker, page)| Op::Watch { asker, page }),
        1 => Just(Op::PageStarted),
        1 => Just(Op::Closed),
        2 => Just(Op::Opened),
    ]
}

fn how() -> impl Strategy<Value = Released> {
    use Released::{Abandoned, Cancelled, Finished};
    prop::sample::select(&[Finished, Cancelled, Abandoned])
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    #[test]
    fn keeps_its_laws(ops in prop::collection::vec(op(), 0..60)) {
        let mut world = World::new();
        world.run(Op::Hello { epoch: 0, remote: false });
        for op in ops {
            world.run(op);
        }
        world.end();
    }
}

#[test]
fn early_cancels_are_bounded_and_the_newest_count() {
    let mut world = World::new();
    world.hello(Epoch(0), Origin::Local);
    for id in 1..=100 {
        let epoch = Epoch(0);
        world.cancel(PageCall { epoch, id }, &[]);
    }
    assert_eq!(world.machine.document.cancelled_early.len(), LIMIT);
    world.admit(
        PageCall {
            epoch: Epoch(0),
            id: 100,
        },
        true,
    );
    assert!(world.requested.is_empty());
}

#[test]
fn a_call_that_outlives_its_page_may_arrive_after_the_page_has_gone() {
    let mut world = World::new();
    let [first, second] = [Epoch(0), Epoch(1)];
    world.hello(first, Origin::Local);
    world.run(Op::PageStarted);
    let late = |epoch, id| PageCall { epoch, id };
    world.admit(late(first, 3), true);
    world.hello(second, Origin::Local);
    world.admit(late(first, 6), true);
    assert_eq!((world.requested.len(), world.machine.gauges().jobs), (2, 2));
    world.admit(late(first, 6), true);
    world.admit(late(first, 4), true);
    world.run(Op::PageStarted);
    world.admit(late(first, 9), true);
    world.run(Op::Closed);
    world.admit(late(second, 9), true);
    assert_eq!(world.requested.len(), 2);
}

#[test]
fn only_the_last_settled_calls_are_kept() {
    let mut world = World::new();
    world.hello(Epoch(0), Origin::Local);
    for id in 1..=SETTLED as u64 + 3 {
        world.admit(
            PageCall {
                epoch: Epoch(0),
                id,
            },
            true,
        );
        let call = CallKey(world.next);
        world.step(WindowEvent::Settled { call });
        let how = Released::Finished;
        world.step(WindowEvent::Released { call, how });
    }
    let forgotten = world.calls.values().filter(|call| call.forgotten == 1);
    assert_eq!(forgotten.count(), 3);
}

/// The effects of a call without a name that asks for admission.
fn admit_unnamed(machine: &mut WindowMachine, key: u64, detach: bool) -> Vec<WindowEffect> {
    let mut effects = Vec::new();
    let event = WindowEvent::Admit {
        call: CallKey(key),
        page: PageCall::UNNAMED,
        command: "granted".into(),
        detach,
        scope: scope(),
    };
    machine.step(event, &mut effects);
    effects
}

#[test]
fn calls_without_names_belong_to_the_page_that_is_shown() {
    let mut world = World::new();
    let machine = &mut world.machine;
    for key in 1..=3 {
        let effects = admit_unnamed(machine, key, key == 3);
        assert!(matches!(effects[..], [WindowEffect::Request { .. }]));
    }
    let mut effects = Vec::new();
    let (call, how) = (CallKey(1), Released::Finished);
    machine.step(WindowEvent::Released { call, how }, &mut effects);
    assert_eq!(effects, [WindowEffect::Forget { call }]);
    effects.clear();
    // Another client of the same page says hello.
    let hello = WindowEvent::Hello {
        ticket: Ticket(1),
        epoch: Epoch(5),
        origin: Origin::Local,
    };
    machine.step(hello, &mut effects);
    assert!(matches!(effects[..], [WindowEffect::Welcome { .. }]));
    effects.clear();
    machine.step(WindowEvent::PageStarted, &mut effects);
    let cancelled = WindowEffect::Cancel {
        calls: vec![CallKey(2)],
        error: CallError::window_closed(),
    };
    assert!(effects.contains(&cancelled), "{effects:?}");
    assert!(effects.contains(&WindowEffect::Detach { call: CallKey(3) }));
    assert_eq!(machine.gauges().jobs, 1);
}

#[test]
fn calls_without_names_count_and_end_with_the_window() {
    let mut world = World::new();
    let machine = &mut world.machine;
    for key in 1..=LIMIT as u64 {
        admit_unnamed(machine, key, false);
    }
    let refused = |effects: Vec<WindowEffect>| matches!(effects[..], [WindowEffect::Refuse { .. }]);
    assert!(refused(admit_unnamed(machine, 90, false)));
    let mut effects = Vec::new();
    machine.step(WindowEvent::Closed, &mut effects);
    let [WindowEffect::Cancel { calls, .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(calls.len(), LIMIT);
    assert!(refused(admit_unnamed(machine, 91, false)));
}
