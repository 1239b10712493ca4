//! Tests kills that the app asks for, and the snapshots of workers that it sees.

use super::tests::{at, died, finished, pool, proven, refusal, run, sent, spawned, spec, task};
use crate::error::ErrorCode;
use crate::workers::pool::machine::*;

fn kill(worker: WorkerId, calls: &[u64]) -> PoolEvent {
    let calls = calls.iter().copied().map(CallKey).collect();
    PoolEvent::Kill { worker, calls }
}

fn killed(effects: &[PoolEffect], worker: WorkerId) -> bool {
    effects.contains(&PoolEffect::Kill { worker })
}

fn states(pool: &PoolMachine, now: u64) -> Vec<(WorkerId, &'static str)> {
    let workers = pool.view(now).workers;
    workers.iter().map(|it| (it.id, it.state)).collect()
}

#[test]
fn a_kill_asked_for_loses_its_call_and_another_worker_comes() {
    let mut pool = proven();
    at(&mut pool, 10, run(2, "a"));
    let effects = at(&mut pool, 20, kill(1, &[2]));
    assert!(killed(&effects, 1));
    assert_eq!(spawned(&effects), [3]);
    assert_eq!(states(&pool, 20)[0], (1, "ending"));
    let effects = at(&mut pool, 22, died(1));
    let Some(PoolEffect::Refuse { error, .. }) = effects.first() else {
        panic!("the call was not refused: {effects:?}");
    };
    assert_eq!(error.code, ErrorCode::WorkerLost);
    assert!(error.message.contains("the app killed it"), "{error:?}");
}

#[test]
fn kills_asked_for_count_neither_against_the_command_nor_the_pool() {
    let mut pool = proven();
    for call in 2..20 {
        let now = 100 * call;
        let effects = at(&mut pool, now, run(call, "a"));
        let Some(&PoolEffect::Send { worker, .. }) = effects.first() else {
            panic!("no worker for call {call}: {effects:?}");
        };
        let effects = at(&mut pool, now, kill(worker, &[call]));
        let [spare] = spawned(&effects)[..] else {
            panic!("no other worker: {effects:?}");
        };
        // Before it is ready, and before it has finished a call: early deaths, were they not asked for.
        at(&mut pool, now, kill(spare, &[]));
        at(&mut pool, now, died(spare));
        at(&mut pool, now, died(worker));
        for (worker, _) in states(&pool, now) {
            at(&mut pool, now, PoolEvent::Ready { worker });
        }
    }
    let view = pool.view(2_000);
    assert_eq!((view.state, view.quarantined.len()), ("available", 0));
}

#[test]
fn a_worker_with_a_call_that_was_not_named_is_left_alone() {
    let mut pool = proven();
    at(&mut pool, 10, run(2, "a"));
    assert!(!pool.may_kill(1, &[]));
    assert_eq!(at(&mut pool, 20, kill(1, &[])), []);
    assert_eq!(at(&mut pool, 20, kill(1, &[1])), []);
    at(&mut pool, 30, finished(1, 2));
    assert!(pool.may_kill(1, &[CallKey(2)]), "what was named has ended");
    assert!(killed(&at(&mut pool, 40, kill(1, &[2])), 1));
    assert_eq!(at(&mut pool, 50, kill(1, &[2])), [], "it is dying");
    assert_eq!(at(&mut pool, 60, kill(99, &[])), []);
}

#[test]
fn an_idempotent_call_is_not_run_again_after_a_kill_that_was_asked_for() {
    let mut pool = proven();
    let starts = 2;
    let task = Task {
        starts,
        ..task(2, "a")
    };
    at(&mut pool, 10, PoolEvent::Run(task));
    at(&mut pool, 20, kill(1, &[2]));
    let effects = at(&mut pool, 22, died(1));
    assert_eq!(refusal(&effects, 2), Some(ErrorCode::WorkerLost));
}

#[test]
fn a_kill_cuts_the_grace_of_a_cancelled_call_short() {
    let mut pool = proven();
    at(&mut pool, 10, run(2, "a"));
    let call = CallKey(2);
    at(&mut pool, 20, PoolEvent::Cancel { call });
    assert!(killed(&at(&mut pool, 30, kill(1, &[2])), 1));
    let ending = CallEnd::Killed;
    assert!(at(&mut pool, 32, died(1)).contains(&PoolEffect::Release { call, ending }));
}

#[test]
fn a_view_tells_what_each_worker_does_and_since_when() {
    let mut pool = proven();
    at(&mut pool, 10, run(2, "a"));
    let view = pool.view(50);
    assert_eq!((view.state, view.size, view.waiting), ("available", 2, 0));
    let worker = &view.workers[0];
    assert_eq!((worker.id, worker.state, worker.finished), (1, "busy", 1));
    assert_eq!((worker.age, worker.state_age), (50, 40));
    assert_eq!((worker.calls[0].id, &*worker.calls[0].command), (2, "a"));
    at(&mut pool, 60, PoolEvent::Cancel { call: CallKey(2) });
    assert_eq!(states(&pool, 60), [(1, "cancelling"), (2, "idle")]);
}

#[test]
fn a_view_tells_why_a_pool_is_unavailable_and_when_it_tries_again() {
    let mut pool = pool(PoolSpec {
        max_restarts: Some((0, 30_000)),
        ..spec()
    });
    at(&mut pool, 0, run(1, "a"));
    at(&mut pool, 100, died(1));
    let view = pool.view(1_100);
    assert_eq!((view.state, view.retry), ("unavailable", Some(29_000)));
    assert!(view.reason.is_some_and(|text| text.contains("signal 9")));
    assert_eq!(pool.view(30_100).state, "available", "it may be tried");
}

#[test]
fn a_worker_that_is_too_large_gets_no_more_calls() {
    let mut pool = proven();
    let effects = at(&mut pool, 1, PoolEvent::Overweight { worker: 1 });
    assert_eq!(effects[0], PoolEffect::Kill { worker: 1 });
    let (worker, call) = (2, CallKey(2));
    let send = PoolEffect::Send { worker, call };
    assert!(at(&mut pool, 1, run(2, "a")).contains(&send));
    assert_eq!(refusal(&at(&mut pool, 2, died(1)), 2), None);
    let effects = at(&mut pool, 3, PoolEvent::Overweight { worker });
    assert_eq!(effects[0], PoolEffect::Kill { worker });
    let lost = refusal(&at(&mut pool, 4, died(worker)), 2);
    assert_eq!(lost, Some(ErrorCode::WorkerLost));
}

#[test]
fn a_worker_that_starts_too_slowly_is_killed_and_its_call_says_so() {
    let mut pool = pool(spec());
    at(&mut pool, 0, run(1, "a"));
    assert!(at(&mut pool, 30_000, PoolEvent::Tick).contains(&PoolEffect::Kill { worker: 1 }));
    let effects = at(&mut pool, 30_002, died(1));
    let told = effects.iter().find_map(|effect| match effect {
        PoolEffect::Refuse { error, .. } => Some(error.message.as_str()),
        _ => None,
    });
    let expected = "the worker process `pool-1` died before it could run the call: it was not ready \
                    within its `start_timeout` of 30 s, and was killed; signal 9 (SIGKILL)";
    assert_eq!(told, Some(expected));
}

#[test]
fn a_pool_that_is_restarted_answers_its_calls_and_replaces_its_workers() {
    let mut pool = proven();
    at(&mut pool, 10, run(2, "a"));
    let (mut fresh, effects) = pool.restarted(20, &[1, 2], &[CallKey(2)]);
    let Some(PoolEffect::Refuse { call, error }) = effects.first() else {
        panic!("the call was not answered: {effects:?}");
    };
    assert_eq!((call.0, error.code), (2, ErrorCode::Internal));
    assert!(killed(&effects, 1) && killed(&effects, 2));
    // What they say in their last moments is of no use.
    assert_eq!(at(&mut fresh, 21, finished(1, 2)), []);
    assert_eq!(spawned(&at(&mut fresh, 22, run(3, "a"))), [3]);
    for worker in [1, 2] {
        let effects = at(&mut fresh, 23, died(worker));
        assert!(effects.contains(&PoolEffect::Forget { worker }));
    }
    let effects = at(&mut fresh, 24, PoolEvent::Ready { worker: 3 });
    let call = CallKey(3);
    assert!(effects.contains(&PoolEffect::Send { worker: 3, call }));
}

#[test]
fn after_a_renewal_only_new_workers_take_calls_and_the_old_ones_end_theirs() {
    let mut pool = proven();
    let spare = states(&pool, 5).len() as u64;
    at(&mut pool, 5, PoolEvent::Ready { worker: spare });
    at(&mut pool, 10, run(2, "a"));
    let busy = states(&pool, 10)
        .into_iter()
        .find(|it| it.1 == "busy")
        .map(|it| it.0);
    let busy = busy.expect("no worker took the call");
    at(&mut pool, 20, PoolEvent::Renew);
    assert!(states(&pool, 20).contains(&(busy, "busy")));
    assert!(states(&pool, 20).iter().all(|it| it.1 != "idle"));
    let effects = at(&mut pool, 30, run(3, "a"));
    let sent = |it: &PoolEffect| matches!(it, PoolEffect::Send { .. });
    assert!(!effects.iter().any(sent), "an old worker took a call");
    let effects = at(&mut pool, 40, finished(busy, 2));
    assert!(effects.contains(&PoolEffect::Quit { worker: busy }));
    let (fresh, _) = *states(&pool, 40)
        .iter()
        .find(|it| it.1 == "starting")
        .expect("no worker was started");
    let effects = at(&mut pool, 50, PoolEvent::Ready { worker: fresh });
    let call = CallKey(3);
    assert!(effects.contains(&PoolEffect::Send {
        worker: fresh,
        call
    }));
}

#[test]
fn busy_workers_are_replaced_one_at_a_time() {
    let mut pool = pool(PoolSpec { warm: 0, ..spec() });
    for call in [1, 2] {
        at(&mut pool, 0, run(call, "a"));
        at(&mut pool, 0, PoolEvent::Ready { worker: call });
    }
    for call in [3, 4] {
        at(&mut pool, 1, run(call, "a"));
    }
    assert_eq!(spawned(&at(&mut pool, 2, PoolEvent::Renew)), [3]);
    let effects = at(&mut pool, 3, PoolEvent::Ready { worker: 3 });
    assert_eq!(sent(&effects), [(3, 3)]);
    assert!(spawned(&effects).is_empty(), "two beyond the pool's size");
    let effects = at(&mut pool, 4, finished(1, 1));
    assert!(effects.contains(&PoolEffect::Quit { worker: 1 }));
    assert!(spawned(&effects).is_empty(), "the old one is still there");
    assert_eq!(spawned(&at(&mut pool, 5, died(1))), [4]);
    let effects = at(&mut pool, 6, PoolEvent::Ready { worker: 4 });
    assert_eq!(sent(&effects), [(4, 4)]);
    assert!(states(&pool, 6).contains(&(2, "busy")), "with old code");
}

#[test]
fn one_worker_is_fresh_at_once_after_a_renewal_and_the_others_follow_the_old_ones() {
    let mut pool = proven();
    for call in [2, 3] {
        at(&mut pool, 1, run(call, "a"));
    }
    at(&mut pool, 1, PoolEvent::Ready { worker: 3 });
    for (worker, call) in [(1, 2), (2, 3)] {
        at(&mut pool, 2, finished(worker, call));
    }
    let effects = at(&mut pool, 3, PoolEvent::Renew);
    for worker in [1, 2, 3] {
        assert!(effects.contains(&PoolEffect::Quit { worker }), "{worker}");
    }
    assert_eq!(spawned(&effects), [4], "{effects:?}");
    at(&mut pool, 4, PoolEvent::Ready { worker: 4 });
    assert_eq!(sent(&at(&mut pool, 5, run(4, "a"))), [(4, 4)]);
    assert!(spawned(&at(&mut pool, 6, run(5, "a"))).is_empty());
    assert_eq!(spawned(&at(&mut pool, 7, died(1))), [5]);
}
