//! Tests single steps of the pool's state machine.

use crate::workers::pool::machine::*;
use crate::{actors::Class, error::ErrorCode, workers::process::exit_status::Exit};

pub(super) fn spec() -> PoolSpec {
    PoolSpec {
        workers: 2,
        warm: 1,
        grace: 3_000,
        start_timeout: 30_000,
        max_restarts: Some((5, 30_000)),
        quarantine: Some((3, 60_000)),
        recycle_after: None,
    }
}

pub(super) fn pool(spec: PoolSpec) -> PoolMachine {
    PoolMachine::new("pool".into(), spec, 7)
}

pub(super) fn at(pool: &mut PoolMachine, now: u64, event: PoolEvent) -> Vec<PoolEffect> {
    let mut effects = Vec::new();
    pool.step(Timed { now, event }, &mut effects);
    effects
}

pub(super) fn run(call: u64, command: &str) -> PoolEvent {
    PoolEvent::Run(task(call, command))
}

pub(super) fn task(call: u64, command: &str) -> Task {
    Task {
        call: CallKey(call),
        command: command.into(),
        window: "main".into(),
        class: Class::Interactive,
        key: None,
        shared: false,
        starts: 1,
    }
}

pub(super) fn died(worker: WorkerId) -> PoolEvent {
    let exit = Exit {
        signal: Some(9),
        ..Exit::default()
    };
    PoolEvent::Died { worker, exit }
}

pub(super) fn finished(worker: WorkerId, call: u64) -> PoolEvent {
    ended(worker, call, false)
}

/// `unfit`: the worker should run no other call.
pub(super) fn ended(worker: WorkerId, call: u64, unfit: bool) -> PoolEvent {
    PoolEvent::Finished {
        worker,
        call: CallKey(call),
        ran: true,
        unfit,
    }
}

pub(super) fn spawned(effects: &[PoolEffect]) -> Vec<WorkerId> {
    let spawn = |effect: &PoolEffect| match effect {
        PoolEffect::Spawn { worker } => Some(*worker),
        _ => None,
    };
    effects.iter().filter_map(spawn).collect()
}

pub(super) fn refusal(effects: &[PoolEffect], call: u64) -> Option<ErrorCode> {
    effects.iter().find_map(|effect| match effect {
        PoolEffect::Refuse {
            call: refused,
            error,
        } if refused.0 == call => Some(error.code),
        _ => None,
    })
}

/// A pool of which worker 1 has finished a call, and worker 2 is the spare.
pub(super) fn proven() -> PoolMachine {
    let mut pool = pool(spec());
    at(&mut pool, 0, run(1, "a"));
    at(&mut pool, 0, PoolEvent::Ready { worker: 1 });
    at(&mut pool, 0, finished(1, 1));
    at(&mut pool, 0, PoolEvent::Ready { worker: 2 });
    pool
}

#[test]
fn nothing_starts_before_the_first_call_and_a_spare_after_it() {
    let mut pool = pool(spec());
    assert_eq!(at(&mut pool, 0, PoolEvent::Tick), []);
    assert_eq!(spawned(&at(&mut pool, 0, run(1, "a"))), [1]);
    let effects = at(&mut pool, 5, PoolEvent::Ready { worker: 1 });
    assert_eq!(
        effects[0],
        PoolEffect::Send {
            worker: 1,
            call: CallKey(1)
        }
    );
    assert_eq!(spawned(&effects), [2]);
}

/// The calls that `pool` gives to worker 1, one after the other, until none waits.
fn in_turn(pool: &mut PoolMachine, mut running: u64) -> Vec<u64> {
    let mut order = Vec::new();
    loop {
        let effects = at(pool, 0, finished(1, running));
        let sent = effects.iter().find_map(|effect| match effect {
            PoolEffect::Send { worker: 1, call } => Some(call.0),
            _ => None,
        });
        match sent {
            Some(call) => running = call,
            None => return order,
        }
        order.push(running);
    }
}

fn busy_single() -> PoolMachine {
    let mut pool = pool(PoolSpec {
        workers: 1,
        warm: 0,
        ..spec()
    });
    at(&mut pool, 0, run(1, "a"));
    at(&mut pool, 0, PoolEvent::Ready { worker: 1 });
    pool
}

#[test]
fn a_window_that_floods_makes_another_wait_for_one_round() {
    let mut pool = busy_single();
    for call in 2..50 {
        at(&mut pool, 0, run(call, "a"));
    }
    for (call, window) in [(50, "other"), (51, "third"), (52, "other")] {
        let task = Task {
            window: window.into(),
            ..task(call, "a")
        };
        at(&mut pool, 0, PoolEvent::Run(task));
    }
    assert_eq!(in_turn(&mut pool, 1)[..7], [2, 50, 51, 3, 52, 4, 5]);
}

#[test]
fn the_background_gets_a_tenth_of_the_turns() {
    let mut pool = busy_single();
    for call in 2..6 {
        let class = Class::Background;
        let task = Task {
            class,
            ..task(call, "a")
        };
        at(&mut pool, 0, PoolEvent::Run(task));
    }
    for call in 6..36 {
        at(&mut pool, 0, run(call, "a"));
    }
    let order = in_turn(&mut pool, 1);
    let background = order.iter().filter(|call| **call < 6);
    assert_eq!(order[..30].iter().filter(|call| **call < 6).count(), 3);
    assert_eq!(background.count(), 4);
}

fn run_of(call: u64, key: &str) -> PoolEvent {
    PoolEvent::Run(Task {
        key: Some(key.into()),
        ..task(call, "a")
    })
}

pub(super) fn sent(effects: &[PoolEffect]) -> Vec<(WorkerId, u64)> {
    let send = |effect: &PoolEffect| match effect {
        PoolEffect::Send { worker, call } => Some((*worker, call.0)),
        _ => None,
    };
    effects.iter().filter_map(send).collect()
}

#[test]
fn calls_of_a_key_wait_for_its_worker_and_others_go_on() {
    let mut pool = proven();
    assert_eq!(sent(&at(&mut pool, 1, run_of(2, "x"))), [(1, 2)]);
    assert_eq!(sent(&at(&mut pool, 2, run_of(3, "x"))), []);
    assert_eq!(sent(&at(&mut pool, 3, run_of(4, "y"))), [(2, 4)]);
    at(&mut pool, 4, finished(2, 4));
    assert_eq!(
        sent(&at(&mut pool, 5, run(5, "a"))),
        [(2, 5)],
        "not behind x"
    );
    assert_eq!(sent(&at(&mut pool, 6, finished(1, 2))), [(1, 3)]);
}

#[test]
fn new_keys_go_to_the_worker_with_the_fewest() {
    let mut pool = proven();
    for (call, key, worker) in [
        (2, "x", 1),
        (3, "y", 2),
        (4, "z", 1),
        (5, "y", 2),
        (6, "x", 1),
    ] {
        let effects = at(&mut pool, call, run_of(call, key));
        assert_eq!(sent(&effects), [(worker, call)]);
        at(&mut pool, call, finished(worker, call));
    }
}

#[test]
fn a_key_whose_worker_is_gone_is_bound_anew() {
    let mut pool = proven();
    at(&mut pool, 1, run_of(2, "x"));
    at(&mut pool, 2, run_of(3, "x"));
    assert_eq!(sent(&at(&mut pool, 3, died(1))), [(2, 3)]);
    at(&mut pool, 4, finished(2, 3));
    assert_eq!(sent(&at(&mut pool, 5, run_of(4, "x"))), [(2, 4)]);
}

#[test]
fn calls_that_wait_for_their_worker_start_no_other() {
    let mut pool = pool(PoolSpec {
        workers: 4,
        warm: 0,
        ..spec()
    });
    for call in 1..9 {
        at(&mut pool, 0, run_of(call, "x"));
    }
    assert_eq!(pool.workers.len(), 1, "one worker for one new key");
    at(&mut pool, 1, PoolEvent::Ready { worker: 1 });
    at(&mut pool, 1, PoolEvent::Tick);
    assert_eq!(pool.workers.len(), 1);
}

#[test]
fn a_call_that_waits_at_the_end_of_the_app_is_refused_and_never_runs() {
    let mut pool = busy_single();
    at(&mut pool, 0, run(2, "a"));
    let effects = at(&mut pool, 1, PoolEvent::Stop);
    assert_eq!(refusal(&effects, 2), Some(ErrorCode::ShuttingDown));
    let effects = at(&mut pool, 2, finished(1, 1));
    assert!(effects.contains(&PoolEffect::Quit { worker: 1 }));
}

#[test]
fn a_cancel_interrupts_at_once_and_kills_after_the_grace() {
    let mut pool = proven();
    at(&mut pool, 10, run(2, "a"));
    let call = CallKey(2);
    let effects = at(&mut pool, 20, PoolEvent::Cancel { call });
    assert_eq!(effects[0], PoolEffect::Interrupt { worker: 1, call });
    assert_eq!(effects[1], PoolEffect::Look { at: 3_020 });
    assert!(!at(&mut pool, 3_019, PoolEvent::Tick).contains(&PoolEffect::Kill { worker: 1 }));
    assert!(at(&mut pool, 3_020, PoolEvent::Tick).contains(&PoolEffect::Kill { worker: 1 }));
    let effects = at(&mut pool, 3_022, died(1));
    let ending = CallEnd::Killed;
    assert!(effects.contains(&PoolEffect::Release { call, ending }));
}

#[test]
fn a_call_that_ends_within_the_grace_keeps_its_worker_and_the_next_call_is_not_killed() {
    let mut pool = proven();
    at(&mut pool, 10, run(2, "a"));
    at(&mut pool, 20, PoolEvent::Cancel { call: CallKey(2) });
    let effects = at(&mut pool, 3_019, finished(1, 2));
    let (call, ending) = (CallKey(2), CallEnd::Cancelled);
    assert_eq!(effects[0], PoolEffect::Release { call, ending });
    at(&mut pool, 3_019, run(3, "a"));
    assert!(!at(&mut pool, 9_000, PoolEvent::Tick).contains(&PoolEffect::Kill { worker: 1 }));
}

#[test]
fn a_worker_that_says_so_gets_no_other_call() {
    let mut pool = proven();
    at(&mut pool, 1, run(2, "a"));
    let effects = at(&mut pool, 2, ended(1, 2, true));
    assert!(effects.contains(&PoolEffect::Quit { worker: 1 }));
    assert_eq!(sent(&at(&mut pool, 3, run(3, "a"))), [(2, 3)]);
}

#[test]
fn a_worker_is_recycled_after_its_calls() {
    let mut pool = pool(PoolSpec {
        recycle_after: Some(1),
        ..spec()
    });
    at(&mut pool, 0, run(1, "a"));
    at(&mut pool, 0, PoolEvent::Ready { worker: 1 });
    let effects = at(&mut pool, 1, finished(1, 1));
    assert!(effects.contains(&PoolEffect::Quit { worker: 1 }));
    assert_eq!(
        at(&mut pool, 2, died(1))[0],
        PoolEffect::Forget { worker: 1 }
    );
}
