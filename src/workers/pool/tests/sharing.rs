//! Tests calls that share a worker.

use super::tests::{at, died, finished, pool, proven, refusal, run, sent, spawned, spec, task};
use crate::error::ErrorCode;
use crate::workers::pool::machine::*;

fn shared(call: u64, command: &str) -> PoolEvent {
    PoolEvent::Run(Task {
        shared: true,
        ..task(call, command)
    })
}

fn cancel(call: u64) -> PoolEvent {
    let call = CallKey(call);
    PoolEvent::Cancel { call }
}

fn kill(worker: WorkerId) -> PoolEffect {
    PoolEffect::Kill { worker }
}

/// A pool of two workers, the first of which runs the shared calls 2 and 3.
fn sharing() -> PoolMachine {
    let mut pool = proven();
    assert_eq!(sent(&at(&mut pool, 0, shared(2, "a"))), [(1, 2)]);
    assert_eq!(sent(&at(&mut pool, 0, shared(3, "b"))), [(1, 3)]);
    pool
}

#[test]
fn shared_calls_join_one_worker_and_leave_the_others_to_calls_that_want_one_alone() {
    let mut pool = sharing();
    assert_eq!(sent(&at(&mut pool, 1, run(4, "a"))), [(2, 4)]);
    assert_eq!(sent(&at(&mut pool, 2, shared(5, "a"))), [(1, 5)]);
    assert_eq!(sent(&at(&mut pool, 3, finished(2, 4))), []);
}

#[test]
fn a_full_worker_is_shared_no_more_and_another_one_starts() {
    let mut pool = pool(PoolSpec { warm: 0, ..spec() });
    at(&mut pool, 0, shared(1, "a"));
    let most = SHARE as u64;
    for call in 2..=most {
        assert!(spawned(&at(&mut pool, 0, shared(call, "a"))).is_empty());
    }
    assert_eq!(spawned(&at(&mut pool, 0, shared(most + 1, "a"))), [2]);
    let first: Vec<_> = (1..=most).map(|call| (1, call)).collect();
    let ready = |worker| PoolEvent::Ready { worker };
    assert_eq!(sent(&at(&mut pool, 1, ready(1))), first);
    assert_eq!(sent(&at(&mut pool, 2, ready(2))), [(2, most + 1)]);
}

#[test]
fn a_shared_call_does_not_go_past_one_that_waits_for_the_worker_to_be_idle() {
    let mut pool = sharing();
    at(&mut pool, 1, run(4, "a"));
    assert_eq!(sent(&at(&mut pool, 2, run(5, "a"))), []);
    assert_eq!(sent(&at(&mut pool, 3, shared(6, "a"))), []);
    at(&mut pool, 4, finished(1, 2));
    assert_eq!(sent(&at(&mut pool, 5, finished(1, 3))), [(1, 5)]);
    assert_eq!(sent(&at(&mut pool, 6, finished(2, 4))), [(2, 6)]);
}

#[test]
fn a_shared_call_that_does_not_stop_is_never_killed_with_others() {
    let mut pool = sharing();
    at(&mut pool, 10, cancel(2));
    let effects = at(&mut pool, 3_010, PoolEvent::Tick);
    assert!(!effects.contains(&kill(1)), "call 3 goes on: {effects:?}");
    assert_eq!(
        sent(&at(&mut pool, 3_011, shared(4, "a"))),
        [(2, 4)],
        "no more for it"
    );
    let effects = at(&mut pool, 3_012, finished(1, 3));
    assert!(effects.contains(&kill(1)), "{effects:?}");
    let (call, ending) = (CallKey(2), CallEnd::Killed);
    assert!(at(&mut pool, 3_014, died(1)).contains(&PoolEffect::Release { call, ending }));
}

#[test]
fn a_worker_whose_calls_all_do_not_stop_is_killed() {
    let mut pool = sharing();
    at(&mut pool, 10, cancel(2));
    at(&mut pool, 500, cancel(3));
    assert!(!at(&mut pool, 3_010, PoolEvent::Tick).contains(&kill(1)));
    assert!(at(&mut pool, 3_500, PoolEvent::Tick).contains(&kill(1)));
}

#[test]
fn another_worker_takes_the_place_of_one_that_takes_no_more() {
    let mut pool = pool(PoolSpec {
        workers: 1,
        warm: 0,
        ..spec()
    });
    for call in [1, 2] {
        at(&mut pool, 0, shared(call, "a"));
    }
    at(&mut pool, 0, PoolEvent::Ready { worker: 1 });
    at(&mut pool, 0, cancel(1));
    at(&mut pool, 10, run(3, "a"));
    assert_eq!(spawned(&at(&mut pool, 3_000, PoolEvent::Tick)), [2]);
    let effects = at(&mut pool, 3_100, PoolEvent::Ready { worker: 2 });
    assert_eq!(sent(&effects), [(2, 3)]);
    // The call has stopped after all.
    assert!(spawned(&at(&mut pool, 3_200, finished(1, 1))).is_empty());
    let effects = at(&mut pool, 3_300, finished(1, 2));
    assert!(
        effects.contains(&PoolEffect::Quit { worker: 1 }),
        "{effects:?}"
    );
}

#[test]
fn a_death_ends_every_call_on_the_worker_and_counts_once_against_each_command() {
    let mut pool = sharing();
    for call in 4..8 {
        at(&mut pool, 1, shared(call, "a"));
    }
    let effects = at(&mut pool, 2, died(1));
    for call in 2..8 {
        assert_eq!(refusal(&effects, call), Some(ErrorCode::WorkerLost));
    }
    let next = at(&mut pool, 3, shared(9, "a"));
    assert_eq!(refusal(&next, 9), None, "one death, not five");
}

#[test]
fn idempotent_calls_of_a_dead_worker_run_again_in_their_order() {
    let mut pool = proven();
    for call in 2..6 {
        let task = Task {
            shared: true,
            starts: 2,
            ..task(call, "a")
        };
        at(&mut pool, 0, PoolEvent::Run(task));
    }
    let again = sent(&at(&mut pool, 1, died(1)));
    assert_eq!(again, [(2, 2), (2, 3), (2, 4), (2, 5)]);
}

#[test]
fn a_worker_is_recycled_when_its_last_call_ends() {
    let mut pool = pool(PoolSpec {
        recycle_after: Some(1),
        ..spec()
    });
    for call in [1, 2] {
        at(&mut pool, 0, shared(call, "a"));
    }
    at(&mut pool, 0, PoolEvent::Ready { worker: 1 });
    at(&mut pool, 1, finished(1, 1));
    assert!(!sent(&at(&mut pool, 2, shared(3, "a"))).contains(&(1, 3)));
    let effects = at(&mut pool, 3, finished(1, 2));
    assert!(effects.contains(&PoolEffect::Quit { worker: 1 }));
}

#[test]
fn a_kill_that_does_not_name_every_call_is_not_meant_for_the_worker() {
    let mut pool = sharing();
    let of = |calls: &[u64]| calls.iter().copied().map(CallKey).collect::<Vec<_>>();
    assert!(!pool.may_kill(1, &of(&[2])));
    assert!(pool.may_kill(1, &of(&[2, 3])));
    let calls = of(&[2, 3]);
    at(&mut pool, 1, PoolEvent::Kill { worker: 1, calls });
    let effects = at(&mut pool, 2, died(1));
    for call in [2, 3] {
        assert_eq!(refusal(&effects, call), Some(ErrorCode::WorkerLost));
    }
}
