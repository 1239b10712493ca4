//! Tests the invariants of jobs, over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;

use proptest::prelude::*;

use crate::actors::jobs::machine::*;

#[derive(Debug, Clone)]
enum Op {
    Detach,
    Undo(usize),
    Attach(usize),
    Leave(usize),
    End(usize, JobState, usize),
    Release(usize),
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    use JobState::{Cancelled, Failed, Finished};
    let state = prop::sample::select(&[Finished, Failed, Cancelled]);
    let size = prop_oneof![8 => 0usize..1000, 2 => Just(BYTES / 3), 1 => Just(BYTES + 1)];
    prop_oneof![
        8 => Just(Op::Detach),
        1 => any::<usize>().prop_map(Op::Undo),
        6 => any::<usize>().prop_map(Op::Attach),
        2 => any::<usize>().prop_map(Op::Leave),
        8 => (any::<usize>(), state, size).prop_map(|(at, state, size)| Op::End(at, state, size)),
        8 => any::<usize>().prop_map(Op::Release),
        2 => (0..KEPT).prop_map(Op::Pass),
    ]
}

/// What the checks need to know of an attached call.
#[derive(Debug)]
struct Waiter {
    job: CallKey,
    answered: usize,
    released: usize,
    gone: bool,
}

#[derive(Debug, Default)]
struct Seen {
    state: Option<JobState>,
    released: bool,
    undone: bool,
    dropped: bool,
}

#[derive(Default)]
struct World {
    machine: JobsMachine,
    next: u64,
    now: u64,
    wake: Option<u64>,
    jobs: BTreeMap<CallKey, Seen>,
    calls: HashMap<CallKey, Waiter>,
}

impl World {
    fn key(&mut self) -> CallKey {
        self.next += 1;
        CallKey(self.next)
    }

    /// Any job there ever was: news of it may come late, or twice.
    fn job(&self, at: usize) -> Option<CallKey> {
        (!self.jobs.is_empty()).then(|| *self.jobs.keys().nth(at % self.jobs.len()).unwrap())
    }

    fn step(&mut self, event: JobEvent) {
        let mut effects = Vec::new();
        self.machine.step(event, &mut effects);
        for effect in effects {
            match effect {
                JobEffect::Refuse { call, .. } => self.calls.get_mut(&call).unwrap().gone = true,
                JobEffect::Join { call, job } => assert_eq!(self.calls[&call].job, job),
                JobEffect::Answer { call, job } => {
                    assert!(self.jobs[&job].state.is_some(), "answered out of nothing");
                    self.calls.get_mut(&call).unwrap().answered += 1;
                }
                JobEffect::Release { call, job } => {
                    let (job, call) = (&self.jobs[&job], self.calls.get_mut(&call).unwrap());
                    assert!(job.released && call.answered == 1, "released too early");
                    call.released += 1;
                }
                JobEffect::Shed { job, .. } => assert!(!self.jobs[&job].dropped),
                JobEffect::Drop { job } => {
                    let seen = self.jobs.get_mut(&job).unwrap();
                    assert!(!std::mem::replace(&mut seen.dropped, true), "dropped twice");
                    assert!(
                        seen.released && seen.state.is_some(),
                        "dropped while it runs"
                    );
                }
                JobEffect::Wake { at } => {
                    assert!(self.wake.replace(at).is_none(), "one timer at a time");
                }
            }
        }
    }

    fn run(&mut self, op: Op) {
        let now = self.now;
        match op {
            Op::Detach => {
                let job = self.key();
                self.jobs.insert(job, Seen::default());
                self.step(JobEvent::Detached { job });
            }
            Op::Undo(at) => {
                let fresh = |job: &CallKey| {
                    let seen = &self.jobs[job];
                    seen.state.is_none() && !seen.released
                };
                if let Some(job) = self.job(at).filter(fresh) {
                    self.jobs.get_mut(&job).unwrap().undone = true;
                    self.step(JobEvent::Undone { job });
                }
            }
            Op::Attach(at) => {
                if let Some(job) = self.job(at) {
                    let call = self.key();
                    let waiter = Waiter {
                        job,
                        answered: 0,
                        released: 0,
                        gone: false,
                    };
                    self.calls.insert(call, waiter);
                    self.step(JobEvent::Attach { call, job });
                }
            }
            Op::Leave(at) => {
                let waits = |(_, call): &(&CallKey, &Waiter)| !call.gone && call.released == 0;
                let mut waiting: Vec<_> = self.calls.iter().filter(waits).map(|it| *it.0).collect();
                waiting.sort_unstable();
                if !waiting.is_empty() {
                    let call = waiting[at % waiting.len()];
                    let waiter = self.calls.get_mut(&call).unwrap();
                    waiter.gone = true;
                    let job = waiter.job;
                    self.step(JobEvent::Left { call, job });
                }
            }
            Op::End(at, state, size) => {
                if let Some(job) = self.job(at).filter(|job| !self.jobs[job].undone) {
                    self.jobs.get_mut(&job).unwrap().state.get_or_insert(state);
                    self.step(JobEvent::Ended {
                        job,
                        state,
                        size,
                        now,
                    });
                }
            }
            Op::Release(at) => {
                if let Some(job) = self.job(at).filter(|job| !self.jobs[job].undone) {
                    self.jobs.get_mut(&job).unwrap().released = true;
                    self.step(JobEvent::Released { job, now });
                }
            }
            Op::Pass(time) => {
                self.now += time;
                while let Some(at) = self.wake.filter(|at| *at <= self.now) {
                    self.wake = None;
                    self.step(JobEvent::Tick { now: at });
                }
            }
        }
        self.check();
    }

    fn check(&self) {
        let ended = |seen: &Seen| seen.released && seen.state.is_some();
        let kept: Vec<_> = self.machine.list();
        let running = self
            .jobs
            .values()
            .filter(|seen| !ended(seen) && !seen.undone);
        let dropped = self.jobs.values().filter(|seen| seen.dropped).count();
        let all = self.jobs.values().filter(|seen| !seen.undone).count();
        assert_eq!(
            kept.len(),
            all - dropped,
            "each is there until it is dropped"
        );
        assert!(kept.len() <= running.count() + JOBS);
        assert!(self.machine.bytes <= BYTES);
        assert_eq!(self.wake.is_some(), !self.machine.kept.is_empty());
        let oldest = self.machine.kept.front();
        assert!(
            oldest.is_none_or(|(at, _)| at + KEPT > self.now),
            "kept for too long"
        );
        for call in self.calls.values() {
            let job = &self.jobs[&call.job];
            assert!(call.answered <= 1 && call.released <= 1);
            if !call.gone && !job.undone {
                assert_eq!(call.answered == 1, job.state.is_some(), "{call:?} {job:?}");
                assert_eq!(call.released == 1, ended(job), "{call:?} {job:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    #[test]
    fn keeps_its_laws(ops in prop::collection::vec(op(), 0..60)) {
        let mut world = World::default();
        for op in ops {
            world.run(op);
        }
    }
}

#[test]
fn the_oldest_ended_jobs_make_room_and_running_ones_stay() {
    let mut world = World::default();
    world.run(Op::Detach);
    for at in 1..=JOBS + 2 {
        world.run(Op::Detach);
        world.run(Op::End(at, JobState::Finished, 1));
        world.run(Op::Release(at));
    }
    let left: Vec<u64> = world.machine.list().iter().map(|job| job.0.0).collect();
    assert_eq!(left.len(), JOBS + 1);
    assert_eq!(left[..2], [1, 4]);
}

#[test]
fn news_that_waited_for_a_restart_loses_no_waiting_call() {
    let (job, call) = (CallKey(1), CallKey(2));
    let held = HeldJob {
        job,
        state: JobState::Running,
        size: 0,
        released: false,
        attached: BTreeSet::from([call]),
    };
    let (mut jobs, mut effects) = JobsMachine::restarted(vec![held], Vec::new(), 0);
    jobs.step(JobEvent::Detached { job }, &mut effects);
    let (state, size, now) = (JobState::Finished, 1, 0);
    jobs.step(
        JobEvent::Ended {
            job,
            state,
            size,
            now,
        },
        &mut effects,
    );
    assert_eq!(effects, [JobEffect::Answer { call, job }]);
}
