//! Tests what is counted, timed and reported to `tracing` subscribers for each call.

use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::with_default,
};

use crate::actors::system::tests::*;

type Fields = HashMap<&'static str, String>;

/// Keeps the spans of calls, and which of them were closed.
#[derive(Default, Clone)]
struct Spans(Arc<Mutex<Vec<(Fields, bool)>>>);

struct Keep<'a>(&'a mut Fields);

impl Visit for Keep<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Spans {
    fn with(&self, id: &span::Id, act: impl FnOnce(&mut (Fields, bool))) {
        let at = usize::try_from(id.into_u64() - 1).unwrap();
        act(&mut self.0.lock().unwrap()[at]);
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "transom::call"
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut fields = Fields::new();
        attributes.record(&mut Keep(&mut fields));
        let mut spans = self.0.lock().unwrap();
        spans.push((fields, false));
        span::Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &span::Id, values: &span::Record<'_>) {
        self.with(id, |(fields, _)| values.record(&mut Keep(fields)));
    }

    fn try_close(&self, id: span::Id) -> bool {
        self.with(&id, |(_, closed)| *closed = true);
        true
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn a_call_is_a_span_from_its_acceptance_to_the_end_of_its_work() {
    both_ways(|fast_path| {
        let (bench, spans) = (Bench::new(fast_path).ready(), Spans::default());
        with_default(spans.clone(), || bench.call(1, "greet", 1));
        let guard = bench.started();
        assert!(guard.call().begin());
        guard.settle(Outcome::Json("1".into()));
        bench.until(|system| system.gauges().windows["main"].orphans == 1);
        assert!(!spans.0.lock().unwrap()[0].1, "its work goes on");
        drop(guard);
        bench.until(|system| system.gauges().calls == 0);
        until(&bench.system, |_| spans.0.lock().unwrap()[0].1);
        let (fields, _) = spans.0.lock().unwrap()[0].clone();
        for (field, value) in [
            ("command", "\"greet\""),
            ("window", "\"main\""),
            ("executor", "\"hands\""),
            ("outcome", "\"value\""),
        ] {
            assert_eq!(fields[field], value);
        }
        for field in ["queue_us", "run_us", "total_us"] {
            assert!(fields[field].parse::<u64>().is_ok(), "{field}");
        }
    });
}

#[test]
fn every_call_of_a_command_is_counted_once() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        for id in 1..=30 {
            bench.call(id, "greet", id);
            let guard = bench.started();
            match id % 3 {
                0 => {
                    guard.call().begin();
                    guard.settle(Outcome::Json("1".into()));
                }
                1 => {
                    guard.call().begin();
                    guard.settle(Outcome::Error(CallError::internal("as told")));
                }
                _ => {}
            }
            drop(guard);
            bench.answer();
        }
        bench.call(31, "nobody", 31);
        assert_eq!(bench.error(), (31, ErrorCode::UnknownCommand));
        bench.until(|system| system.gauges().calls == 0);
        let metrics = bench.system.metrics();
        let greet = metrics.latencies["greet"];
        assert_eq!([greet.queue.count, greet.run.count], [20, 20]);
        assert_eq!(greet.total.count, 30);
        assert_eq!(metrics.counters["value"], 10);
        assert_eq!(metrics.counters["internal"], 20);
        assert_eq!(metrics.counters["unknown-command"], 1);
        assert!(!metrics.latencies.contains_key("nobody"));
    });
}
