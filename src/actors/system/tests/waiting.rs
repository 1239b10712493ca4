//! Tests calls that arrive before the app has registered its commands.

use crate::actors::system::tests::*;

/// An app whose commands are not known yet, and the tags of three calls: two of one command that
/// there will be, one of a command that there will not be.
fn waiting_bench(fast_path: bool) -> (Bench, [CallKey; 3]) {
    let runtime = Runtime::start(fast_path).unwrap();
    let system = System::new(Limits::default(), runtime, Box::new(Page::default()));
    system.await_commands();
    system.open_window("main");
    system.hello("main", Ticket(0), EPOCH, Origin::Local);
    let (hands, mails) = Hands::new();
    let bench = Bench {
        system,
        mails,
        answers: unbounded(),
        told: unbounded().1,
        page: Page::default(),
    };
    let calls = [
        bench.call(1, "greet", 1),
        bench.call(2, "greet", 2),
        bench.call(3, "nobody", 3),
    ];
    bench.until(|system| {
        system
            .gauges()
            .commands
            .get("")
            .is_some_and(|it| it.waiting == 3)
    });
    bench.system.add_executor("hands", None, hands);
    bench.system.executor_ready("hands");
    (bench, calls)
}

#[test]
fn calls_wait_until_the_commands_are_known() {
    both_ways(|fast_path| {
        let (bench, [first, second, _]) = waiting_bench(fast_path);
        assert!(bench.answers.1.is_empty());
        bench.system.register("greet", spec(None, 8));
        bench.system.commands_known();
        for key in [first, second] {
            let guard = bench.started();
            assert_eq!(guard.call().key(), key);
            assert!(guard.call().begin());
            guard.settle(value("1"));
        }
        let mut errors = vec![];
        for _ in 0..3 {
            match bench.answer() {
                (tag, Outcome::Error(error)) => errors.push((tag, error)),
                (_, outcome) => assert_eq!(outcome, value("1")),
            }
        }
        let unknown = CallError::unknown_command("nobody").with("started", false);
        assert_eq!(errors, [(3, unknown)]);
        bench.call(4, "nobody", 4);
        assert_eq!(bench.error(), (4, ErrorCode::UnknownCommand));
        bench.until(|system| system.gauges().calls == 0);
    });
}

#[test]
fn without_commands_every_call_gets_the_reason() {
    both_ways(|fast_path| {
        let (bench, _) = waiting_bench(fast_path);
        let reason = CallError::new(ErrorCode::Unavailable, "no module");
        bench.system.commands_failed(reason.clone());
        let reason = reason.with("started", false);
        bench.call(4, "greet", 4);
        let mut answers = [(); 4].map(|()| bench.answer());
        answers.sort_unstable_by_key(|(tag, _)| *tag);
        assert_eq!(
            answers,
            [1, 2, 3, 4].map(|tag| (tag, Outcome::Error(reason.clone())))
        );
        bench.until(|system| system.gauges().calls == 0);
    });
}

#[test]
fn a_call_that_is_given_up_before_the_commands_are_known_never_starts() {
    both_ways(|fast_path| {
        let (bench, [first, ..]) = waiting_bench(fast_path);
        assert!(bench.system.cancel(first));
        assert_eq!(bench.error(), (1, ErrorCode::Aborted));
        bench.until(|system| system.gauges().calls == 2);
        bench.system.close_window("main");
        let mut tags = [bench.error(), bench.error()];
        tags.sort_unstable_by_key(|(tag, _)| *tag);
        assert_eq!(
            tags,
            [(2, ErrorCode::WindowClosed), (3, ErrorCode::WindowClosed)]
        );
        bench.system.register("greet", spec(None, 8));
        bench.system.commands_known();
        bench.until(is_empty);
        assert!(bench.mails.is_empty(), "nothing started");
    });
}

#[test]
fn an_app_can_end_before_its_commands_are_known() {
    both_ways(|fast_path| {
        let (bench, _) = waiting_bench(fast_path);
        assert!(bench.system.drain(PATIENCE));
        for _ in 0..3 {
            bench.error();
        }
        bench.until(is_empty);
        // What comes up after the end has nothing to do.
        bench.system.register("greet", spec(None, 8));
        bench.system.commands_known();
        assert!(bench.mails.is_empty());
    });
}
