//! Tests how many messages one call costs: a message too many is paid for by every call.

use crate::actors::system::tests::*;

impl Bench {
    /// The messages of the actors, each as `actor.message`, from now until `act` is over and the
    /// app holds `held` calls.
    fn messages(&self, held: usize, act: impl FnOnce()) -> Vec<String> {
        self.settle_down();
        self.system.trace().take();
        self.system.trace().turn(true);
        act();
        self.until(|system| system.gauges().calls == held);
        self.settle_down();
        self.system.trace().turn(false);
        let steps = self.system.trace().take();
        steps.iter().map(name).collect()
    }

    /// Waits until every actor has handled what it was sent.
    fn settle_down(&self) {
        self.until(|system| system.runtime.orders().are_done());
    }

    fn cancel_as_page(&self, id: u64) {
        self.system.cancel_from_page("main", EPOCH, vec![id]);
    }
}

fn name(step: &Step) -> String {
    let event = match &step.event {
        serde_json::Value::Object(event) => event.keys().next().cloned(),
        event => event.as_str().map(Into::into),
    };
    format!("{}.{}", step.actor, event.unwrap_or_default())
}

const WAY_IN: [&str; 4] = [
    "supervisor.Route",
    "window.Admit",
    "command.Request",
    "executor.Dispatch",
];
const WAY_OUT: [&str; 4] = [
    "executor.Finished",
    "command.Finished",
    "window.Released",
    "supervisor.Released",
];
const CANCEL: [&str; 6] = [
    "supervisor.Page",
    "window.Cancel",
    "window.Settled",
    "command.Cancel",
    "executor.Interrupt",
    "deadlines.Set",
];
const DEADLINE: [&str; 2] = ["deadlines.Set", "deadlines.Forget"];

/// The messages of a path, without the order of those that are on their way at the same time.
fn sorted(mut messages: Vec<String>) -> Vec<String> {
    messages.sort_unstable();
    messages
}

fn path(parts: &[&[&str]]) -> Vec<String> {
    sorted(parts.concat().into_iter().map(Into::into).collect())
}

#[test]
fn a_call_takes_eight_messages() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let answered = bench.messages(0, || {
            bench.call(1, "greet", 1);
            let guard = bench.started();
            assert!(guard.begin());
            guard.end(value("1"));
        });
        assert_eq!(answered, [WAY_IN, WAY_OUT].concat());
        assert_eq!(bench.answer(), (1, value("1")));
        let given_up = bench.messages(0, || {
            bench.call(2, "greet", 2);
            drop(bench.started());
        });
        assert_eq!(given_up, [WAY_IN, WAY_OUT].concat());
    });
}

#[test]
fn work_that_goes_on_after_the_answer_takes_one_more() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let messages = bench.messages(0, || {
            bench.call(1, "greet", 1);
            let guard = bench.started();
            assert!(guard.begin());
            guard.settle(value("1"));
        });
        let expected = path(&[&WAY_IN, &["window.Settled"], &WAY_OUT]);
        assert_eq!(sorted(messages), expected);
    });
}

#[test]
fn a_cancel_takes_seven_more() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let messages = bench.messages(0, || {
            bench.call(1, "greet", 1);
            let guard = bench.started();
            assert!(guard.begin());
            bench.cancel_as_page(1);
            bench.until(|_| guard.call().is_cancelled());
            guard.end(Outcome::Error(CallError::aborted()));
        });
        let expected = path(&[&WAY_IN, &CANCEL, &WAY_OUT, &["deadlines.Forget"]]);
        assert_eq!(sorted(messages), expected);
    });
}

#[test]
fn a_timeout_takes_two_more() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let messages = bench.messages(0, || {
            let mut request = request(&bench.system, "main", EPOCH, 1, "greet");
            request.timeout = Some(PATIENCE);
            bench.system.route(request, all(), Box::new(|_, _| {}));
            bench.started().end(value("1"));
        });
        assert_eq!(sorted(messages), path(&[&WAY_IN, &DEADLINE, &WAY_OUT]));
    });
}

#[test]
fn a_call_that_leaves_the_queue_was_never_with_an_executor() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.system.register("slow", spec(Some(1), 3));
        bench.call(1, "slow", 1);
        let runs = bench.started();
        let messages = bench.messages(1, || {
            bench.call(2, "slow", 2);
            bench.until(|system| system.gauges().commands["slow"].waiting == 1);
            bench.cancel_as_page(2);
        });
        drop(runs);
        let expected = path(&[&WAY_IN[..3], &CANCEL[..4], &WAY_OUT[2..]]);
        assert_eq!(sorted(messages), expected);
    });
}

#[test]
fn only_a_body_that_is_not_small_is_told_of_when_it_is_taken() {
    let bench = Bench::new(true).ready();
    let taken = |size: usize, id: u64| {
        bench.messages(0, || {
            let mut request = request(&bench.system, "main", EPOCH, id, "greet");
            request.body = Body::Raw(vec![0; size]);
            bench.system.route(request, all(), Box::new(|_, _| {}));
            assert_eq!(bench.system.gauges().queued_bytes, size);
            let guard = bench.started();
            guard.take_body();
            assert_eq!(bench.system.gauges().queued_bytes, 0);
            guard.end(value("1"));
        })
    };
    assert_eq!(taken(4 << 10, 1), [WAY_IN, WAY_OUT].concat());
    let large = taken((4 << 10) + 1, 2);
    assert_eq!(
        sorted(large),
        path(&[&WAY_IN, &["supervisor.Started"], &WAY_OUT])
    );
}
