//! Tests that whoever asks learns how the work of a call really ended.

use crate::actors::system::tests::*;

impl Bench {
    fn watch(&self, id: u64) -> Ticket {
        self.watch_of(EPOCH, id)
    }

    fn watch_of(&self, asker: Epoch, id: u64) -> Ticket {
        let ticket = Ticket(self.system.next_key());
        let page = PageCall { epoch: EPOCH, id };
        self.system.watch("main", ticket, asker, page);
        ticket
    }

    fn cancel(&self, id: u64) {
        let page = PageCall { epoch: EPOCH, id };
        self.system
            .cancel_from_page("main", page.epoch, vec![page.id]);
    }

    fn told(&self) -> Told {
        self.told.recv_timeout(PATIENCE).unwrap()
    }
}

fn aborted() -> Outcome {
    Outcome::Error(CallError::aborted())
}

#[test]
fn work_that_a_cancel_stops_is_cancelled_and_told_when_it_has_ended() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 1);
        let guard = bench.started();
        assert!(guard.call().begin());
        bench.cancel(1);
        assert_eq!(bench.error(), (1, ErrorCode::Aborted));
        let tickets = [bench.watch(1), bench.watch(1)];
        bench.until(|system| system.gauges().windows["main"].orphans == 1);
        assert!(bench.told.is_empty(), "its clean-up still runs");
        guard.settle(aborted());
        drop(guard);
        for ticket in tickets {
            assert_eq!(bench.told(), (ticket, Ok(Released::Cancelled)));
        }
        let late = bench.watch(1);
        assert_eq!(bench.told(), (late, Ok(Released::Cancelled)));
    });
}

#[test]
fn work_that_goes_on_to_its_end_after_a_cancel_is_finished() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 1);
        let guard = bench.started();
        assert!(guard.call().begin());
        bench.cancel(1);
        let ticket = bench.watch(1);
        assert_eq!(bench.error(), (1, ErrorCode::Aborted));
        guard.settle(value("1"));
        drop(guard);
        assert_eq!(bench.told(), (ticket, Ok(Released::Finished)));
    });
}

#[test]
fn work_that_never_started_is_cancelled() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path);
        bench.call(1, "greet", 1);
        bench.until(|system| system.gauges().executors["hands"].waiting == 1);
        let queued = bench.watch(1);
        bench.cancel(1);
        assert_eq!(bench.told(), (queued, Ok(Released::Cancelled)));
        let bench = bench.ready();
        bench.call(2, "greet", 2);
        let guard = bench.started();
        bench.cancel(2);
        let on_its_way = bench.watch(2);
        bench.until(|_| guard.call().is_cancelled());
        assert!(!guard.call().begin());
        drop(guard);
        assert_eq!(bench.told(), (on_its_way, Ok(Released::Cancelled)));
        let never_came = bench.watch(3);
        assert_eq!(bench.told(), (never_came, Ok(Released::Cancelled)));
    });
}

#[test]
fn a_later_document_can_ask_for_a_call_of_the_one_before_it_and_nobody_else_can() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 1);
        let guard = bench.started();
        assert!(guard.call().begin());
        let next = Epoch(8);
        bench.system.hello("main", Ticket(0), next, Origin::Local);
        assert_eq!(bench.error(), (1, ErrorCode::WindowClosed));
        let retired = bench.watch(1);
        assert_eq!(bench.told(), (retired, Err(ErrorCode::WindowClosed)));
        let ticket = bench.watch_of(next, 1);
        bench.until(|system| system.gauges().windows["main"].orphans == 1);
        drop(guard);
        assert_eq!(bench.told(), (ticket, Ok(Released::Cancelled)));
        bench.system.close_window("main");
        let closed = bench.watch_of(next, 1);
        assert_eq!(bench.told(), (closed, Err(ErrorCode::WindowClosed)));
        bench.until(is_empty);
    });
}

#[test]
fn those_who_wait_for_an_end_are_bounded() {
    let bench = Bench::new(true).ready();
    bench.call(1, "greet", 1);
    let guard = bench.started();
    for _ in 0..8 {
        bench.watch(1);
    }
    let ninth = bench.watch(1);
    assert_eq!(bench.told(), (ninth, Err(ErrorCode::ProtocolError)));
    drop(guard);
    let told: HashMap<_, _> = (0..8).map(|_| bench.told()).collect();
    assert!(told.len() == 8 && told.values().all(|how| *how == Ok(Released::Cancelled)));
}

#[test]
fn work_that_does_not_end_after_a_cancel_is_abandoned_and_keeps_its_place() {
    let bench = Bench::new(true).ready();
    bench.call(1, "greet", 1);
    let guard = bench.started();
    assert!(guard.call().begin());
    bench.cancel(1);
    let ticket = bench.watch(1);
    assert_eq!(bench.told(), (ticket, Ok(Released::Abandoned)));
    assert_eq!(bench.system.gauges().windows["main"].orphans, 1);
    assert_eq!(bench.system.gauges().commands["greet"].granted, 1);
    drop(guard);
    let late = bench.watch(1);
    assert_eq!(bench.told(), (late, Ok(Released::Abandoned)));
    assert_eq!(bench.system.gauges().windows["main"].orphans, 0);
}
