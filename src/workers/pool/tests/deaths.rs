//! Tests what the death of a worker costs: its call, a command's quarantine, the pool's rest.

use super::tests::{at, died, finished, pool, proven, refusal, run, spawned, spec, task};
use crate::error::ErrorCode;
use crate::workers::pool::machine::*;

#[test]
fn a_death_fails_only_its_call_and_the_spare_takes_the_next() {
    let mut pool = proven();
    at(&mut pool, 10, run(2, "a"));
    at(&mut pool, 10, run(3, "a"));
    at(&mut pool, 10, run(4, "a"));
    let effects = at(&mut pool, 20, died(1));
    assert_eq!(refusal(&effects, 2), Some(ErrorCode::WorkerLost));
    assert_eq!(refusal(&effects, 3), None);
    assert_eq!(refusal(&effects, 4), None);
    let effects = at(&mut pool, 30, PoolEvent::Ready { worker: 3 });
    let call = CallKey(4);
    assert!(
        effects.contains(&PoolEffect::Send { worker: 3, call }),
        "{effects:?}"
    );
}

/// With the command `bad` in quarantine, since `now` 400.
fn quarantined() -> PoolMachine {
    let mut pool = proven();
    for call in 2..5 {
        let now = 100 * call;
        let effects = at(&mut pool, now, run(call, "bad"));
        let Some(PoolEffect::Send { worker, .. }) = effects.first() else {
            panic!("no worker for call {call}: {effects:?}");
        };
        for worker in spawned(&effects) {
            at(&mut pool, now, PoolEvent::Ready { worker });
        }
        at(&mut pool, now, died(*worker));
    }
    pool
}

#[test]
fn a_probe_that_was_cancelled_and_whose_worker_died_proves_nothing() {
    let mut pool = quarantined();
    let probe = at(&mut pool, 31_000, run(11, "bad"));
    let Some(&PoolEffect::Send { worker, .. }) = probe.first() else {
        panic!("no probe: {probe:?}");
    };
    let call = CallKey(11);
    at(&mut pool, 31_001, PoolEvent::Cancel { call });
    at(&mut pool, 31_002, died(worker));
    let next = at(&mut pool, 31_003, run(12, "bad"));
    assert_eq!(refusal(&next, 12), None, "another call probes");
}

#[test]
fn three_deaths_quarantine_a_command_and_one_probe_frees_it() {
    let mut pool = quarantined();
    let refused = at(&mut pool, 1_000, run(9, "bad"));
    assert_eq!(refusal(&refused, 9), Some(ErrorCode::Quarantined));
    let good = at(&mut pool, 1_000, run(10, "good"));
    let Some(PoolEffect::Send { worker, .. }) = good.first() else {
        panic!("other commands go on: {good:?}");
    };
    at(&mut pool, 1_001, finished(*worker, 10));
    let probe = at(&mut pool, 31_000, run(11, "bad"));
    let Some(PoolEffect::Send { worker: to, .. }) = probe.first() else {
        panic!("no probe: {probe:?}");
    };
    let (second, to) = (at(&mut pool, 31_000, run(12, "bad")), *to);
    assert_eq!(refusal(&second, 12), Some(ErrorCode::Quarantined));
    at(&mut pool, 31_001, finished(to, 11));
    assert_eq!(refusal(&at(&mut pool, 31_002, run(13, "bad")), 13), None);
}

#[test]
fn an_idempotent_call_runs_a_second_time_and_never_a_third() {
    let mut pool = proven();
    let call = CallKey(2);
    let event = PoolEvent::Run(Task {
        starts: 2,
        ..task(2, "a")
    });
    assert_eq!(
        at(&mut pool, 1, event),
        [PoolEffect::Send { worker: 1, call }]
    );
    let effects = at(&mut pool, 2, died(1));
    assert!(
        effects.contains(&PoolEffect::Send { worker: 2, call }),
        "{effects:?}"
    );
    let effects = at(&mut pool, 3, died(2));
    assert_eq!(refusal(&effects, 2), Some(ErrorCode::WorkerLost));
}

#[test]
fn workers_that_die_before_they_work_make_the_pool_rest_and_one_probe_heals_it() {
    let mut pool = pool(spec());
    let (mut now, mut lost) = (0, 0);
    loop {
        let mut effects = at(&mut pool, now, run(now + 1, "a"));
        if refusal(&effects, now + 1) == Some(ErrorCode::Unavailable) {
            break;
        }
        // After a death the next start waits for the back-off.
        let (mut started, call) = (spawned(&effects), now + 1);
        while started.is_empty() {
            now += 1;
            effects = at(&mut pool, now, PoolEvent::Tick);
            started = spawned(&effects);
        }
        let effects = at(&mut pool, now, died(started[0]));
        assert_eq!(refusal(&effects, call), Some(ErrorCode::WorkerLost));
        lost += 1;
        now += 1;
    }
    assert_eq!(lost, 6, "five restarts are borne");
    let effects = at(&mut pool, now + 30_000, run(100_001, "a"));
    let probe = spawned(&effects);
    assert_eq!(probe.len(), 1);
    let worker = probe[0];
    at(&mut pool, now + 30_001, PoolEvent::Ready { worker });
    at(&mut pool, now + 30_002, finished(worker, 100_001));
    let effects = at(&mut pool, now + 30_003, run(100_002, "a"));
    assert_eq!(spawned(&effects).len(), 1, "the spare is back");
}

#[test]
fn a_worker_that_hangs_before_ready_is_killed_and_its_call_lost() {
    let mut pool = pool(spec());
    at(&mut pool, 0, run(1, "a"));
    let effects = at(&mut pool, 30_000, PoolEvent::Tick);
    assert_eq!(effects[0], PoolEffect::Kill { worker: 1 });
    let effects = at(&mut pool, 30_001, died(1));
    assert_eq!(refusal(&effects, 1), Some(ErrorCode::WorkerLost));
}
