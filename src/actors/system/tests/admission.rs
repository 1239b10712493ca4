//! Tests deadlines, keys and byte limits through all actors, with the fast path on and off.

use crate::actors::command::key::KeySource;
use crate::actors::system::tests::*;

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

impl Bench {
    fn call_with(&self, id: u64, command: &str, change: impl FnOnce(&mut Request)) -> CallKey {
        let sender = self.answers.0.clone();
        let mut request = request(&self.system, "main", EPOCH, id, command);
        change(&mut request);
        let key = request.key;
        let responder: Responder = Box::new(move |_, outcome| sender.send((id, outcome)).unwrap());
        self.system.route(request, all(), responder);
        key
    }

    fn details(&self) -> (u64, ErrorCode, serde_json::Map<String, serde_json::Value>) {
        match self.answer() {
            (tag, Outcome::Error(error)) => (tag, error.code, error.details),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_expired_call_is_answered_and_stopped_and_keeps_its_permit_until_it_ends() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.system.register("short", {
            // Long enough for its code to begin.
            let timeout = Some(millis(1000));
            CommandSpec {
                timeout,
                ..spec(Some(1), 8)
            }
        });
        let key = bench.call_with(1, "short", |call| call.timeout = Some(millis(60_000)));
        let guard = bench.started();
        assert!(guard.begin());
        let (tag, code, details) = bench.details();
        assert_eq!((tag, code), (1, ErrorCode::DeadlineExceeded));
        assert_eq!(
            (&details["started"], &details["timeoutMs"]),
            (&true.into(), &1000.into())
        );
        let Mail::Stop(stopped) = bench.mails.recv_timeout(PATIENCE).unwrap() else {
            panic!("started again");
        };
        assert_eq!(stopped, key);
        assert!(guard.call().is_cancelled());
        bench.until(|system| system.gauges().windows["main"].orphans == 1);
        assert_eq!(bench.system.gauges().commands["short"].granted, 1);
        drop(guard);
        bench.until(|system| system.gauges().calls == 0);
        bench.until(|system| system.deadlines.look(DeadlinesMachine::is_empty));
        assert_eq!(bench.system.counters().read()["deadline-exceeded"], 1);
    });
}

#[test]
fn an_expired_call_that_waits_never_starts() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.system.register("alone", spec(Some(1), 8));
        bench.call(1, "alone", 1);
        let guard = bench.started();
        bench.call_with(2, "alone", |call| call.timeout = Some(millis(20)));
        let (tag, code, details) = bench.details();
        assert_eq!((tag, code), (2, ErrorCode::DeadlineExceeded));
        assert_eq!(details["started"], false);
        // Its answer overtakes the news to the queue, which would hand it over to be refused.
        bench.until(|system| system.gauges().commands["alone"].waiting == 0);
        guard.settle(value("1"));
        drop(guard);
        bench.until(|system| system.gauges().calls == 0);
        assert!(bench.mails.is_empty());
    });
}

#[test]
fn a_timeout_that_begins_anew_begins_anew() {
    let bench = Bench::new(true).ready();
    let key = bench.call_with(1, "greet", |call| call.timeout = Some(millis(60_000)));
    let guard = bench.started();
    let before = guard.call().deadline().unwrap();
    bench.system.restart_deadline(key);
    assert!(guard.call().deadline().unwrap() > before);
    guard.settle(value("1"));
    assert_eq!(bench.answer(), (1, value("1")));
    assert!(
        bench.system.deadlines.look(DeadlinesMachine::is_empty),
        "settled"
    );
    bench.system.restart_deadline(key);
    assert!(
        bench.system.deadlines.look(DeadlinesMachine::is_empty),
        "and stays so"
    );
}

#[test]
fn a_newer_call_of_its_key_supersedes_the_one_that_waits() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let key = KeySource::try_from("/doc".to_owned()).unwrap();
        let queue = QueuePolicy::Latest {
            key,
            cancel_running: false,
        };
        bench
            .system
            .register("save", CommandSpec::new("hands", Some(1), queue));
        let of = |doc: &str| Body::Json(format!(r#"{{"doc": "{doc}"}}"#).into());
        bench.call_with(1, "save", |call| call.body = of("a"));
        let guard = bench.started();
        for (id, doc) in [(2, "a"), (3, "b"), (4, "a")] {
            bench.call_with(id, "save", |call| call.body = of(doc));
        }
        assert_eq!(bench.error(), (2, ErrorCode::Superseded));
        bench.call_with(5, "save", |call| call.body = Body::Raw(b"{".to_vec()));
        assert_eq!(
            bench.error(),
            (5, ErrorCode::InvalidArgument),
            "it has no key"
        );
        drop(guard);
        assert_eq!(bench.error(), (1, ErrorCode::Internal));
        for id in [4, 3] {
            bench.started().settle(value("1"));
            assert_eq!(bench.answer(), (id, value("1")), "in its place");
        }
    });
}

#[test]
fn bodies_are_counted_until_they_are_taken_and_results_until_they_are_handed_over() {
    const LARGE: usize = 100_000;
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let large = || Body::Raw(vec![0; LARGE]);
        bench.call_with(1, "greet", |call| call.body = large());
        let guard = bench.started();
        bench.until(|system| system.gauges().queued_bytes == LARGE);
        assert_eq!(guard.take_body(), large());
        bench.until(|system| system.gauges().queued_bytes == 0);
        drop(guard);
        assert_eq!(bench.error().0, 1);

        bench.call_with(2, "greet", |call| call.body = large());
        assert!(
            bench.started().begin(),
            "a body that nobody takes goes at the start"
        );
        bench.until(|system| system.gauges().queued_bytes == 0);
        assert_eq!(bench.error().0, 2);

        let held = Arc::new(Mutex::new(None));
        let keep = Arc::clone(&held);
        let request = request(&bench.system, "main", EPOCH, 3, "greet");
        let responder: Responder =
            Box::new(move |call, _| *keep.lock().unwrap() = call.take_result_hold());
        bench.system.route(request, all(), responder);
        let guard = bench.started();
        guard.settle(Outcome::Raw(vec![0; LARGE]));
        drop(guard);
        bench.until(|system| system.gauges().calls == 0);
        assert_eq!(bench.system.gauges().result_bytes, LARGE);
        held.lock().unwrap().take();
        bench.until(|system| system.gauges().result_bytes == 0);

        bench.call(4, "greet", 4);
        bench.started().settle(Outcome::Raw(vec![0; LARGE]));
        assert_eq!(bench.answer().0, 4);
        bench.until(|system| system.gauges().result_bytes == 0);
    });
}

#[test]
fn large_bodies_are_read_on_a_thread_of_their_own_and_overtaken_by_no_call_of_their_window() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let key = KeySource::try_from("/doc".to_owned()).unwrap();
        for (command, queue) in [
            ("keyed", QueuePolicy::Serial { key }),
            ("plain", QueuePolicy::Reject),
        ] {
            let spec = CommandSpec::new("hands", None, queue);
            bench.system.register(command, spec);
        }
        let long = "x".repeat(1 << 20);
        let body =
            |doc: &str| Body::Json(format!(r#"{{"text": "{long}", "doc": "{doc}"}}"#).into());
        let large = bench.call_with(1, "keyed", |it| it.body = body("a"));
        let behind = bench.call_with(2, "plain", |_| {});
        let same = bench.call_with(3, "keyed", |it| {
            it.body = Body::Json(br#"{"doc": "a"}"#.to_vec())
        });
        let other = bench.call_with(4, "keyed", |it| it.body = body("b"));
        let guards = [bench.started(), bench.started(), bench.started()];
        let mut started = guards.each_ref().map(|it| it.call().key());
        assert_eq!(started[0], large);
        if !fast_path {
            // On their way to different commands, calls may overtake each other.
            started.sort_unstable();
        }
        assert_eq!(started, [large, behind, other]);
        bench.call_with(5, "keyed", |it| {
            it.body = Body::Json(format!("[{long}").into())
        });
        assert_eq!(bench.details().1, ErrorCode::InvalidArgument);
        drop(guards);
        assert_eq!(bench.started().call().key(), same);
    });
}
