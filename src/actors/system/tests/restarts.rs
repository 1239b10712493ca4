//! Tests what becomes of an actor that is restarted, and of one that is restarted too often.

use std::sync::atomic::AtomicU8;

use super::faults::hush;
use crate::actors::{
    actor::{faults::FaultPoint, shell::Failure},
    system::tests::*,
};

/// An app whose actors of one kind panic at every step, for as long as it is told.
fn failing(kind: &'static str) -> (Bench, Arc<AtomicBool>) {
    hush();
    let bench = Bench::new(true).ready();
    let fails = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&fails);
    let fault = move |of, moment| {
        of == kind && moment == FaultPoint::BeforeStep && told.load(Ordering::SeqCst)
    };
    bench.system.trace().faults.inject(Some(Box::new(fault)));
    (bench, fails)
}

#[test]
fn a_window_that_fails_too_often_takes_no_calls_until_it_is_opened_again() {
    let (bench, fails) = failing("window");
    for tag in 1..=4 {
        bench.call(tag, "greet", tag);
        assert_eq!(bench.error(), (tag, ErrorCode::Internal));
    }
    fails.store(false, Ordering::SeqCst);
    let call_of_a_new_page = |tag: u64| {
        let epoch = Epoch(10 + u128::from(tag));
        bench
            .system
            .hello("main", Ticket(tag), epoch, Origin::Local);
        let sender = bench.answers.0.clone();
        let request = request(&bench.system, "main", epoch, tag, "greet");
        let responder = move |_: &Call, outcome| sender.send((tag, outcome)).unwrap();
        bench.system.route(request, all(), Box::new(responder));
    };
    call_of_a_new_page(5);
    assert_eq!(bench.error(), (5, ErrorCode::Unavailable));
    bench.system.close_window("main");
    bench.system.open_window("main");
    call_of_a_new_page(6);
    bench.started().settle(value("1"));
    assert_eq!(bench.answer(), (6, value("1")));
}

#[test]
fn a_command_that_fails_too_often_rests() {
    let (bench, fails) = failing("command");
    for tag in 1..=4 {
        bench.call(tag, "greet", tag);
        assert_eq!(bench.error(), (tag, ErrorCode::Internal));
    }
    fails.store(false, Ordering::SeqCst);
    bench.call(5, "greet", 5);
    assert_eq!(bench.error(), (5, ErrorCode::Quarantined));
    bench.system.tell_command("greet", CommandEvent::Rested);
    bench.call(6, "greet", 6);
    bench.started().settle(value("1"));
    assert_eq!(bench.answer(), (6, value("1")));
}

#[test]
fn an_executor_or_a_supervisor_that_fails_too_often_ends_the_app() {
    for kind in ["executor", "supervisor"] {
        let (bench, _) = failing(kind);
        let ends = Arc::new(AtomicU8::new(0));
        let told = Arc::clone(&ends);
        bench.system.on_failure(move |_| {
            told.fetch_add(1, Ordering::SeqCst);
        });
        bench.call(1, "greet", 1);
        assert_eq!(bench.error(), (1, ErrorCode::Internal), "{kind}");
        assert_eq!(ends.load(Ordering::SeqCst), 0, "{kind}");
        for tag in 2..=4 {
            bench.call(tag, "greet", tag);
            assert_eq!(bench.error(), (tag, ErrorCode::Internal), "{kind}");
        }
        assert!(ends.load(Ordering::SeqCst) > 0, "{kind}");
    }
}

#[test]
fn what_runs_on_an_executor_that_is_restarted_is_answered_as_ever() {
    hush();
    let bench = Bench::new(true).ready();
    bench.call(1, "greet", 1);
    let running = bench.started();
    assert!(running.begin());
    let executor = Arc::clone(&bench.system.executors.get("hands").unwrap().actor);
    let failure = Failure {
        call: None,
        too_often: false,
    };
    let effects = bench.system.restart_executor(&executor, &failure);
    assert_eq!(effects, []);
    running.end(value("1"));
    assert_eq!(bench.answer(), (1, value("1")));
    bench.until(|system| system.gauges().calls == 0);
}
