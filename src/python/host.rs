//! The actors of one app, as Python sees them.

use std::{sync::Arc, time::Duration};

use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
};

use super::{
    abandoned::Abandoned,
    app_handle::AppHandle,
    call::{CallId, PythonCall},
    callbacks,
    emitter::json_of,
    errors::window_closed,
    event_name::check_event_name,
    gil,
    inbox::Inbox,
    logs, scoped_handles,
    watch::News,
};
use crate::{
    actors::{Call, CallKey, CommandSpec, Count},
    host::Host,
    workers::{Launch, Pool, PoolSpec, Target, WorkerId},
};

/// A command as Python describes it.
#[derive(serde::Deserialize)]
struct Registration {
    #[serde(flatten)]
    spec: CommandSpec,
    /// Whether its calls may come as script messages.
    #[serde(default)]
    message: bool,
}

/// A pool as Python describes it.
#[derive(serde::Deserialize)]
struct PoolPlan {
    spec: PoolSpec,
    launch: Launch,
    refusal: Option<String>,
}

/// The actors of one app.
#[pyclass(frozen, module = "transom._native", name = "Host")]
pub(super) struct PythonHost(pub(super) Arc<Host>);

/// `(id, command, window, state, (done, total, message) | None, seconds since it was accepted,
/// (executor | None, seconds until it began, seconds since then | None), whether its page is gone)`.
pub(super) type CallRow = (
    u64,
    String,
    String,
    &'static str,
    Option<(f64, Option<f64>, Option<String>)>,
    f64,
    (Option<String>, f64, Option<f64>),
    bool,
);

#[pymethods]
impl PythonHost {
    /// Registers a command; `spec` is JSON: executor, concurrency, queue.
    fn register(&self, py: Python<'_>, name: &str, spec: &str) -> PyResult<()> {
        let Registration { spec, message } = from_json("command", spec)?;
        gil::detach(py, || {
            self.0.bridge.messages.admit(name, message);
            self.0.system.register(name, spec);
        });
        Ok(())
    }

    /// Takes a command away.
    fn unregister(&self, py: Python<'_>, name: &str) {
        gil::detach(py, || {
            self.0.bridge.messages.admit(name, false);
            self.0.system.unregister(name);
        });
    }

    /// Adds an executor and gives its inbox. `threads` 0: an event loop drains it. `bounded`: a
    /// thread runs one call at a time; else a call may outlive its thread's turn.
    #[pyo3(signature = (name, threads, /, *, bounded=true))]
    fn add_executor(&self, name: &str, threads: usize, bounded: bool) -> PyResult<Inbox> {
        let (inbox, post) = Inbox::open(threads)?;
        let capacity = (bounded && threads > 0).then_some(threads);
        self.0.system.add_executor(name, capacity, post);
        Ok(inbox)
    }

    /// Adds a pool of worker processes; `plan` is JSON: spec, launch, refusal.
    fn add_pool(&self, py: Python<'_>, name: &str, plan: &str) -> PyResult<()> {
        let PoolPlan {
            spec,
            launch,
            refusal,
        } = from_json("pool", plan)?;
        gil::detach(py, || {
            let pool = Pool::add(&self.0.system, name, spec, launch, refusal);
            self.0.keep_pool(pool);
        });
        Ok(())
    }

    /// Says where the workers of a pool find a command; `target` is JSON. False: no such pool.
    fn set_target(&self, pool: &str, command: &str, target: &str) -> PyResult<bool> {
        let target: Target = from_json("target", target)?;
        let pool = self.0.pool(pool);
        Ok(pool.map(|pool| pool.set_target(command, target)).is_some())
    }

    /// The pools and their workers, as JSON; times in milliseconds.
    fn pools(&self, py: Python<'_>) -> PyResult<String> {
        to_json(&gil::detach(py, || self.0.look_at_pools()))
    }

    /// Kills a worker that runs no other calls than these. False: it does, or is gone.
    fn kill_worker(&self, py: Python<'_>, pool: &str, worker: WorkerId, calls: Vec<u64>) -> bool {
        let calls = calls.into_iter().map(CallKey).collect();
        let pool = self.0.pool(pool);
        pool.is_some_and(|pool| gil::detach(py, || pool.kill_worker(worker, calls)))
    }

    /// Ends every worker process, within 2 s.
    fn end_pools(&self, py: Python<'_>) {
        gil::detach(py, || self.0.end_pools());
    }

    /// The executor's Python side takes calls from now on.
    fn executor_ready(&self, py: Python<'_>, name: &str) {
        gil::detach(py, || self.0.system.executor_ready(name));
    }

    /// The handle for the command of `call`, bound to the window that called.
    fn app_handle(
        &self,
        py: Python<'_>,
        app: &AppHandle,
        call: &PythonCall,
    ) -> PyResult<Py<AppHandle>> {
        let call = call.call();
        let label = &call.request.window;
        scoped_handles::for_call(py, app.get(py)?, &self.0.system, label, &call.scope)
    }

    /// Sends an event to the window of `call` alone. `WindowClosed` when it is gone.
    fn emit(&self, call: &PythonCall, event: &str, payload: &Bound<'_, PyAny>) -> PyResult<()> {
        check_event_name(event)?;
        let (py, json) = (payload.py(), json_of(payload)?);
        let label = &call.call().request.window;
        if gil::detach(py, || self.0.bridge.emit(label, event, &json)) {
            return Ok(());
        }
        let text = format!("the window `{label}`, which made this call, is closed");
        Err(window_closed(py, text))
    }

    /// The calls whose work has not ended, oldest first.
    fn calls(&self) -> Vec<CallRow> {
        let calls = self.0.system.calls();
        calls.iter().map(|call| row(call, call.is_job())).collect()
    }

    /// Cancels a call. False: there is no such call to cancel.
    fn cancel(&self, py: Python<'_>, call: CallId) -> bool {
        gil::detach(py, || self.0.system.cancel(call.0))
    }

    /// Everything that is held, as JSON.
    fn gauges(&self) -> PyResult<String> {
        to_json(&self.0.system.gauges())
    }

    /// How often something happened, as JSON.
    fn counters(&self) -> PyResult<String> {
        to_json(&self.0.system.counters().read())
    }

    /// Gauges, counters and latencies, as JSON.
    fn metrics(&self) -> PyResult<String> {
        let mut metrics = self.0.system.metrics();
        metrics
            .counters
            .insert("dropped-callback", callbacks::lost());
        metrics.counters.insert("dropped-log", logs::lost());
        to_json(&metrics)
    }

    /// A call's thread was interrupted.
    fn count_interrupt(&self) {
        self.0.system.count(Count::Interrupt);
    }

    /// Waits, without the GIL, until the loop that drains `inbox` has not turned for a second
    /// while its executor has calls or mail, or turns again: `(whether it turns, seconds)`.
    /// `None`: the watch has ended.
    fn next_stall(&self, py: Python<'_>, executor: &str, inbox: &Inbox) -> Option<(bool, f64)> {
        let (system, post) = (&self.0.system, inbox.post());
        let is_busy = || inbox.has_mail() || system.is_busy(executor);
        match gil::detach(py, || post.watch.next(is_busy, || inbox.ask()))? {
            News::Stalled(time) => {
                system.count(Count::ExecutorStalled);
                Some((false, time.as_secs_f64()))
            }
            News::Over(time) => Some((true, time.as_secs_f64())),
        }
    }

    /// Lets `next_stall` end.
    fn end_watch(&self, inbox: &Inbox) {
        inbox.post().watch.end();
    }

    /// Brings the calls whose work is given up, from now on.
    fn abandoned(&self) -> Abandoned {
        Abandoned::of(&self.0.system)
    }

    /// Starts or ends the record of the actors' steps.
    fn trace(&self, on: bool) {
        self.0.system.trace().turn(on);
    }

    /// Takes the record of the actors' steps, as JSON.
    fn take_trace(&self) -> PyResult<String> {
        to_json(&self.0.system.trace().take())
    }

    /// Ends every call and every executor. False: something still runs after `seconds`.
    fn drain(&self, py: Python<'_>, seconds: f64) -> bool {
        let patience = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        gil::detach(py, || self.0.system.drain(patience))
    }

    /// Ends the actors' thread: after `drain`, when every window is closed.
    fn end(&self, py: Python<'_>) {
        gil::detach(py, || self.0.system.end_thread());
    }
}

fn from_json<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> PyResult<T> {
    serde_json::from_str(text)
        .map_err(|error| PyValueError::new_err(format!("a wrong {what}: {error}")))
}

fn to_json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

pub(super) fn row(call: &Call, detached: bool) -> CallRow {
    let state = if call.is_cancelled() {
        "cancelling"
    } else if call.begun() {
        "running"
    } else {
        "queued"
    };
    let times = call.times();
    let progress = call.progress().map(|it| (it.done, it.total, it.message));
    (
        call.key().0,
        call.request.command.to_string(),
        call.request.window.to_string(),
        state,
        progress,
        call.accepted.elapsed().as_secs_f64(),
        (
            call.executor().map(|name| name.to_string()),
            times.queue.as_secs_f64(),
            times.run.map(|run| run.as_secs_f64()),
        ),
        detached,
    )
}
