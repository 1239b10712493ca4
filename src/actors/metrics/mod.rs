//! Measures the app: gauges, counters, latencies, and the log lines about calls.

pub(crate) mod counters;
pub(crate) mod gauges;
pub(crate) mod latency;
pub(crate) mod observe;
pub(crate) mod timing;
