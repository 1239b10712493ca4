//! Measures how long calls take, with histograms of queue, run and total time for each command.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use dashmap::DashMap;
use hdrhistogram::Histogram;
use serde::Serialize;

use super::timing::{Times, micros};
use crate::actors::ids::Name;

/// Longer times count as this one.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// Values are exact to this many decimal digits.
const DIGITS: u8 = 2;

/// A summary of one histogram. Times are in seconds, exact to 1 %; 0 when nothing was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Latency {
    /// How many calls were counted.
    pub count: u64,
    /// Half of the calls took no longer.
    pub p50: f64,
    /// 90 of 100 calls took no longer.
    pub p90: f64,
    /// 99 of 100 calls took no longer.
    pub p99: f64,
    /// The longest time.
    pub max: f64,
}

/// The latencies of one command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct CommandLatency {
    /// From acceptance until user code began, for calls whose code began.
    pub queue: Latency,
    /// From there until the work ended, for the same calls.
    pub run: Latency,
    /// From acceptance until the answer, for all admitted calls.
    pub total: Latency,
}

/// A histogram that grows to the longest recorded time: 3 KiB for a second, 10 KiB for a day.
struct Times32(Option<Histogram<u32>>);

impl Times32 {
    fn new() -> Self {
        Self(Histogram::new(DIGITS).ok())
    }

    fn record(&mut self, time: Duration) {
        if let Some(histogram) = &mut self.0 {
            // Grows as far as `LONGEST`, so it cannot fail.
            let _ = histogram.record(micros(time.min(LONGEST)).max(1));
        }
    }

    fn read(&self) -> Latency {
        let Some(histogram) = self.0.as_ref().filter(|it| !it.is_empty()) else {
            return Latency::default();
        };
        let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
        let at = |quantile| seconds(histogram.value_at_quantile(quantile));
        Latency {
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: seconds(histogram.max()),
        }
    }
}

struct Histograms {
    queue: Times32,
    run: Times32,
    total: Times32,
}

/// The histograms of the registered commands only, so that pages cannot add more.
#[derive(Default)]
pub(crate) struct Latencies(DashMap<Name, Mutex<Histograms>>);

impl Latencies {
    /// Adds the histograms of a command that was registered.
    pub(crate) fn open(&self, command: &Name) {
        self.0.entry(command.clone()).or_insert_with(|| {
            Mutex::new(Histograms {
                queue: Times32::new(),
                run: Times32::new(),
                total: Times32::new(),
            })
        });
    }

    /// Removes those of a command that is no longer registered.
    pub(crate) fn close(&self, command: &str) {
        self.0.remove(command);
    }

    /// Records a call whose work ended.
    pub(crate) fn record(&self, command: &str, times: Times) {
        let Some(histograms) = self.0.get(command) else {
            return;
        };
        let mut histograms = histograms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = times.run {
            histograms.queue.record(times.queue);
            histograms.run.record(run);
        }
        if let Some(total) = times.total {
            histograms.total.record(total);
        }
    }

    pub(crate) fn read(&self) -> BTreeMap<String, CommandLatency> {
        let read = |histograms: &Mutex<Histograms>| {
            let histograms = histograms.lock().unwrap_or_else(PoisonError::into_inner);
            CommandLatency {
                queue: histograms.queue.read(),
                run: histograms.run.read(),
                total: histograms.total.read(),
            }
        };
        self.0
            .iter()
            .map(|entry| (entry.key().to_string(), read(entry.value())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn took(queue: u64, run: Option<u64>, total: u64) -> Times {
        Times {
            queue: Duration::from_millis(queue),
            run: match run {
                Some(run) => Some(Duration::from_millis(run)),
                None => None,
            },
            total: Some(Duration::from_millis(total)),
        }
    }

    fn near(value: f64, wanted: f64) -> bool {
        (value - wanted).abs() <= wanted / 100.0
    }

    #[test]
    fn quantiles_are_exact_to_a_hundredth() {
        let latencies = Latencies::default();
        latencies.open(&"greet".into());
        (1..=1000).for_each(|ms| latencies.record("greet", took(1, Some(ms), ms + 1)));
        let found = latencies.read()["greet"];
        assert_eq!(
            [found.queue.count, found.run.count, found.total.count],
            [1000; 3]
        );
        assert!(near(found.queue.max, 0.001), "{found:?}");
        assert!(near(found.run.p50, 0.5), "{found:?}");
        assert!(near(found.run.p90, 0.9), "{found:?}");
        assert!(near(found.run.p99, 0.99), "{found:?}");
        assert!(near(found.total.max, 1.001), "{found:?}");
    }

    #[test]
    fn a_call_that_never_began_counts_in_total_only() {
        let latencies = Latencies::default();
        latencies.open(&"greet".into());
        latencies.record("greet", took(7, None, 7));
        let found = latencies.read()["greet"];
        assert_eq!(
            [found.queue.count, found.run.count, found.total.count],
            [0, 0, 1]
        );
    }

    #[test]
    fn only_registered_commands_have_histograms() {
        let latencies = Latencies::default();
        latencies.record("made up by a page", took(1, Some(1), 1));
        assert!(latencies.read().is_empty());
        latencies.open(&"greet".into());
        latencies.close("greet");
        latencies.record("greet", took(1, Some(1), 1));
        assert!(latencies.read().is_empty());
    }

    #[test]
    fn a_call_of_years_is_counted() {
        let latencies = Latencies::default();
        latencies.open(&"greet".into());
        latencies.record("greet", took(0, Some(u64::MAX / 2), 0));
        assert_eq!(latencies.read()["greet"].run.count, 1);
    }
}
