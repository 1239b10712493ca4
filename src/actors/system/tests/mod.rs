//! Tests the whole wiring, with channels for page and executor, with the fast path on and off.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::HashMap,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize},
    },
    thread,
};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::call_guard::CallGuard;
use crate::actors::system::*;
use crate::{
    actors::{
        actor::trace::TraceEntry as Step,
        call::request::{Body, Outcome, Progress},
        command::spec::{OnClose, QueuePolicy},
        fair_queue::Class,
        ids::Released,
        supervisor::machine::ANY_COMMAND,
        window::scope::ScopeEntry,
    },
    error::ErrorCode,
};

#[path = "admission.rs"]
mod admission;
#[path = "bench.rs"]
mod bench;
#[path = "detaching.rs"]
mod detaching;
#[path = "faults.rs"]
mod faults;
#[path = "keepers.rs"]
mod keepers;
#[path = "messages.rs"]
mod messages;
#[path = "observe.rs"]
mod observe;
#[path = "races.rs"]
mod races;
#[path = "release.rs"]
mod release;
#[path = "restarts.rs"]
mod restarts;
#[path = "stopping.rs"]
mod stopping;
#[path = "storm.rs"]
mod storm;
#[path = "waiting.rs"]
mod waiting;

use bench::*;

#[test]
fn a_repeat_of_a_live_call_waits_with_it_and_one_of_a_settled_call_is_answered_again() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 1);
        let guard = bench.started();
        bench.call(1, "greet", 2);
        bench.until(|system| system.gauges().calls == 1);
        guard.settle(value("once"));
        let mut tags = [bench.answer(), bench.answer()].map(|(tag, outcome)| {
            assert_eq!(outcome, value("once"));
            tag
        });
        tags.sort_unstable();
        assert_eq!(tags, [1, 2]);
        drop(guard);
        bench.call(1, "greet", 3);
        assert_eq!(bench.answer(), (3, value("once")));
        assert!(bench.mails.is_empty(), "it ran once");
    });
}

#[test]
fn a_flood_of_repeats_is_refused_and_never_kept() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 0);
        let guard = bench.started();
        for tag in 1..=100 {
            bench.call(1, "greet", tag);
        }
        for _ in 0..92 {
            assert_eq!(bench.error().1, ErrorCode::ProtocolError);
        }
        guard.settle(value("1"));
        for _ in 0..9 {
            assert_eq!(bench.answer().1, value("1"));
        }
    });
}

#[test]
fn a_panic_in_a_start_costs_only_that_call() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path);
        for (id, command) in [(1, "boom"), (2, "greet"), (3, "greet")] {
            bench.call(id, command, id);
        }
        // All three start in one turn.
        bench.until(|system| system.gauges().executors["hands"].waiting == 3);
        bench.system.executor_ready("hands");
        assert_eq!(bench.error(), (1, ErrorCode::Internal));
        for id in [2, 3] {
            bench.started().settle(value("1"));
            assert_eq!(bench.answer(), (id, value("1")));
        }
        bench.until(|system| system.gauges().calls == 0);
        assert_eq!(bench.system.counters().read()["panic"], 1);
    });
}

#[test]
fn an_answer_that_panics_costs_no_other_answer_and_no_place() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let first = request(&bench.system, "main", EPOCH, 1, "greet");
        bench
            .system
            .route(first, all(), Box::new(|_, _| panic!("as told")));
        let guard = bench.started();
        bench.call(1, "greet", 2);
        bench.until(|system| system.gauges().calls == 1);
        guard.settle(value("1"));
        drop(guard);
        assert_eq!(bench.answer(), (2, value("1")));
        bench.system.close_window("main");
        bench.until(is_empty);
    });
}

/// The work ends while another thread is between deciding the outcome and telling the window.
#[test]
fn a_release_may_overtake_the_news_of_the_answer() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let (reached, reach) = unbounded();
        let (go, gone) = unbounded::<()>();
        let responder: Responder = Box::new(move |_, _| {
            reached.send(()).unwrap();
            gone.recv_timeout(PATIENCE).unwrap();
        });
        let request = request(&bench.system, "main", EPOCH, 1, "greet");
        bench.system.route(request, all(), responder);
        let guard = bench.started();
        let system = Arc::clone(&bench.system);
        let page = PageCall {
            epoch: EPOCH,
            id: 1,
        };
        let canceller =
            thread::spawn(move || system.cancel_from_page("main", page.epoch, vec![page.id]));
        reach.recv_timeout(PATIENCE).unwrap();
        drop(guard);
        go.send(()).unwrap();
        canceller.join().unwrap();
        bench.system.close_window("main");
        bench.until(is_empty);
    });
}

#[test]
fn a_reopened_window_counts_what_its_predecessor_left_running() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 1);
        let guard = bench.started();
        bench.system.close_window("main");
        bench.system.open_window("main");
        assert_eq!(bench.error(), (1, ErrorCode::WindowClosed));
        assert!(!guard.call().begin());
        let orphans = |system: &System| system.gauges().windows.get("main").map(|it| it.orphans);
        bench.until(|system| orphans(system) == Some(1));
        drop(guard);
        bench.until(|system| orphans(system) == Some(0));
        bench.system.close_window("main");
        bench.until(is_empty);
    });
}

#[test]
fn a_command_registered_later_does_not_take_the_calls_of_the_catch_all() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.system.register(ANY_COMMAND, spec(Some(1), 8));
        bench.call(1, "new", 1);
        let guard = bench.started();
        bench.system.register("new", spec(None, 8));
        drop(guard);
        assert_eq!(bench.error(), (1, ErrorCode::Internal));
        bench.until(|system| {
            let gauges = system.gauges();
            gauges.calls == 0 && gauges.commands[ANY_COMMAND].granted == 0
        });
    });
}

#[test]
fn a_body_that_was_never_taken_goes_with_the_work() {
    let bench = Bench::new(true).ready();
    bench.call(1, "greet", 1);
    let guard = bench.started();
    let call = Arc::clone(guard.call());
    drop(guard);
    assert_eq!(call.take_body(), Body::None);
}

#[test]
fn many_threads_settle_a_call_once() {
    const THREADS: usize = 4;
    for _ in 0..500 {
        let answered = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&answered);
        let responder: Responder = Box::new(move |_, _| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let request = Request {
            key: CallKey(1),
            page: PageCall {
                epoch: EPOCH,
                id: 1,
            },
            window: "main".into(),
            command: "greet".into(),
            headers: vec![],
            body: Body::None,
            wants_progress: false,
            class: Class::default(),
            timeout: None,
            stream: None,
            attach: None,
        };
        let call = Call::new(request, Arc::default(), responder);
        let gate = Barrier::new(THREADS);
        let settled = AtomicUsize::new(0);
        let begun = AtomicUsize::new(0);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (call, gate, settled, begun) = (&call, &gate, &settled, &begun);
                scope.spawn(move || {
                    gate.wait();
                    if thread % 2 == 0 && call.begin() {
                        begun.fetch_add(1, Ordering::SeqCst);
                    }
                    if call.settle(value(&thread.to_string())) {
                        settled.fetch_add(1, Ordering::SeqCst);
                    }
                    assert!(!call.begin(), "begins after it was settled");
                });
            }
        });
        assert_eq!(settled.into_inner(), 1);
        assert_eq!(begun.into_inner(), usize::from(call.begun()));
        drop(call);
        assert_eq!(answered.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn commands_that_come_and_go_leave_nothing_behind_and_what_runs_goes_on() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let known = |system: &System| system.commands.len();
        bench.until(|system| known(system) == 2);
        for round in 0..50 {
            let name = format!("command-{round}");
            bench.system.register(&name, spec(Some(1), 8));
            bench.system.unregister(&name);
        }
        bench.until(|system| known(system) == 2);
        bench.system.register("busy", spec(Some(1), 8));
        bench.call(1, "busy", 1);
        let guard = bench.started();
        bench.call(2, "busy", 2);
        bench.system.unregister("busy");
        assert_eq!(bench.error(), (2, ErrorCode::UnknownCommand));
        assert_eq!(known(&bench.system), 3, "its call runs");
        // Registered again, it counts the call that runs.
        bench.system.register("busy", spec(Some(1), 8));
        bench.call(3, "busy", 3);
        bench.until(|system| system.gauges().commands["busy"].waiting == 1);
        guard.settle(value("1"));
        drop(guard);
        assert_eq!(bench.answer(), (1, value("1")));
        drop(bench.started());
        bench.system.unregister("busy");
        bench.until(|system| known(system) == 2);
        bench.call(4, "busy", 4);
        let answers = [bench.error(), bench.error()];
        assert!(
            answers.contains(&(4, ErrorCode::UnknownCommand)),
            "{answers:?}"
        );
        bench.until(|system| system.gauges().calls == 0);
    });
}
