//! Tests actors and their keepers with a small machine.

#![allow(clippy::unwrap_used)]

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};

use super::{
    machine::Machine,
    runtime::Runtime,
    shell::{Actor, Failure, Interpret},
    trace::Trace,
};
use crate::actors::ids::CallKey;

const PATIENCE: Duration = Duration::from_secs(60);
const FAILS: u32 = 13;

/// Counts its messages and tells each with its number. It panics at the first `FAILS`.
#[derive(Debug, Default)]
struct Fragile {
    count: usize,
    failed: bool,
}

impl Machine for Fragile {
    type Event = u32;
    type Effect = (usize, u32);

    const KIND: &'static str = "fragile";

    fn call_of(_: &u32) -> Option<CallKey> {
        None
    }

    fn step(&mut self, event: u32, effects: &mut Vec<(usize, u32)>) {
        self.count += 1;
        assert!(event != FAILS || self.failed, "as told");
        effects.push((self.count, event));
    }
}

/// A world whose logger panics.
struct World {
    told: Sender<(usize, u32)>,
    trace: Trace,
}

impl Interpret<Fragile> for World {
    fn carry_out(self: &Arc<Self>, effect: (usize, u32)) {
        self.told.send(effect).unwrap();
    }

    fn restart(self: &Arc<Self>, actor: &Actor<Fragile>, _: &Failure) -> Vec<(usize, u32)> {
        let fresh = |old: &Fragile| Fragile {
            count: old.count,
            failed: true,
        };
        actor.replace(|old| (fresh(old), Vec::new()))
    }

    fn stamp(&self, event: u32) -> u32 {
        event + 1000
    }

    fn panicked(self: &Arc<Self>, what: &str) {
        panic!("the logger, when told of {what}");
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

struct Bench {
    runtime: Runtime,
    world: Arc<World>,
    actor: Arc<Actor<Fragile>>,
    heard: Receiver<(usize, u32)>,
}

impl Bench {
    fn new(fast_path: bool) -> Self {
        let (told, heard) = channel();
        let trace = Trace::default();
        let world = Arc::new(World { told, trace });
        let runtime = Runtime::start(fast_path).unwrap();
        let actor = runtime.actor(Fragile::default(), Arc::downgrade(&world));
        Self {
            runtime,
            world,
            actor,
            heard,
        }
    }

    fn send(&self, event: u32) {
        self.actor.send(&self.world, event);
    }

    fn hear(&self) -> (usize, u32) {
        self.heard.recv_timeout(PATIENCE).unwrap()
    }
}

fn both_ways(test: impl Fn(Bench)) {
    test(Bench::new(true));
    test(Bench::new(false));
}

#[test]
fn messages_wait_for_a_restart_and_keep_their_order() {
    both_ways(|bench| {
        for event in [1, FAILS, 2, 3, FAILS, 4] {
            bench.send(event);
        }
        // Number 2 was lost in the panic; the message was handled again.
        let heard = [(); 6].map(|()| bench.hear());
        assert_eq!(
            heard,
            [(1, 1), (3, FAILS), (4, 2), (5, 3), (6, FAILS), (7, 4)]
        );
    });
}

#[test]
fn a_timer_goes_off_once_at_the_earliest_time() {
    both_ways(|bench| {
        let later = |seconds| Instant::now() + Duration::from_secs(seconds);
        bench.actor.wake(later(3600), 1);
        let soon = Instant::now() + Duration::from_millis(30);
        bench.actor.wake(soon, 2);
        bench.actor.wake(later(7200), 3);
        assert_eq!(bench.hear(), (1, 1002));
        assert!(Instant::now() >= soon, "too early");
        // It was one timer: now it can be set again, for later than before.
        let soon = Instant::now() + Duration::from_millis(30);
        bench.actor.wake(soon, 4);
        assert_eq!(bench.hear(), (2, 1004));
        assert!(bench.heard.try_recv().is_err());
    });
}

#[test]
fn what_was_sent_reaches_an_actor_that_nobody_holds_any_more() {
    both_ways(|bench| {
        bench.send(FAILS);
        bench.send(1);
        let Bench {
            runtime,
            actor,
            heard,
            world,
        } = bench;
        drop(actor);
        let heard = [(); 2].map(|()| heard.recv_timeout(PATIENCE).unwrap());
        assert_eq!(heard, [(2, FAILS), (3, 1)]);
        let end = Instant::now() + PATIENCE;
        while runtime.orders().keepers() > 0 {
            assert!(Instant::now() < end, "the keeper is left");
            std::thread::yield_now();
        }
        drop(world);
    });
}

#[test]
fn the_thread_ends_when_the_keepers_have_done_what_they_were_told() {
    both_ways(|bench| {
        bench.send(FAILS);
        for event in 1..=100 {
            bench.send(event);
        }
        bench.runtime.end();
        assert_eq!(bench.heard.try_iter().count(), 101);
        // No keeper is left to restart it. It says so to nobody, and nobody waits for it.
        bench.send(1);
    });
}
