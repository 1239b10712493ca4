//! Defines the Python class `Host`: commands, executors, pools, calls and metrics of one app.

use std::{sync::Arc, time::Duration};

use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
    types::{PyDict, PyType},
};
use tauri::{EventTarget, Manager as _};

use super::{abandoned::Abandoned, scoped_handles};
use crate::python::{
    app::{
        app_handle::AppHandle,
        manager::{state_near, state_of, states},
    },
    callbacks::threads,
    convert::errors::window_closed,
    events::{
        emitter::json_of, event_name::check_event_name, listening, room, targeted::is_within,
    },
    executor::{
        call::{CallId, PythonCall},
        inbox::Inbox,
        watchdog::StallReport,
    },
    gil,
    logging::records,
    own::Own,
    window::{handlers, webview_window::is_open},
};
use crate::{
    actors::{Call, CallKey, CommandSpec, Count},
    host::Host,
    sync::clock,
    workers::{Launch, Pool, PoolSpec, Target, WorkerId},
};

/// A command, as Python describes it.
#[derive(serde::Deserialize)]
struct CommandDescription {
    #[serde(flatten)]
    spec: CommandSpec,
    /// Whether its calls may come as script messages.
    #[serde(default)]
    message: bool,
}

/// A pool, as Python describes it.
#[derive(serde::Deserialize)]
struct PoolPlan {
    spec: PoolSpec,
    launch: Launch,
    refusal: Option<String>,
}

/// The actors of one app, for Python.
#[pyclass(frozen, module = "transom._native", name = "Host")]
pub(crate) struct PythonHost(Own<Arc<Host>>);

impl PythonHost {
    pub(crate) fn new(host: Arc<Host>) -> Self {
        Self(Own::new(host))
    }

    /// `ForkedError` in a fork.
    pub(crate) fn get(&self) -> PyResult<&Arc<Host>> {
        self.0.get()
    }
}

/// `(id, command, window, state, (done, total, message) | None, seconds since it was accepted,
/// (executor | None, seconds until it began, seconds since then | None), whether its page is gone)`.
pub(crate) type CallRow = (
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
        let CommandDescription { spec, message } = from_json("command", spec)?;
        let host = self.get()?;
        gil::detach(py, || {
            host.bridge.messages.admit(name, message);
            host.system.register(name, spec);
        });
        Ok(())
    }

    /// Removes a command.
    fn unregister(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        let host = self.get()?;
        gil::detach(py, || {
            host.bridge.messages.admit(name, false);
            host.system.unregister(name);
        });
        Ok(())
    }

    /// Adds an executor, and returns its inbox. `threads` is 0 if an event loop takes from it.
    /// `bounded`: a thread runs one call at a time; else a call may go on after its thread has
    /// taken the next one.
    #[pyo3(signature = (name, threads, /, *, bounded=true))]
    fn add_executor(&self, name: &str, threads: usize, bounded: bool) -> PyResult<Inbox> {
        let system = &self.get()?.system;
        let (inbox, post) = Inbox::open(threads)?;
        let capacity = (bounded && threads > 0).then_some(threads);
        system.add_executor(name, capacity, post);
        Ok(inbox)
    }

    /// Adds a pool of worker processes; `plan` is JSON: spec, launch, refusal.
    fn add_pool(&self, py: Python<'_>, name: &str, plan: &str) -> PyResult<()> {
        let PoolPlan {
            spec,
            launch,
            refusal,
        } = from_json("pool", plan)?;
        let host = self.get()?;
        gil::detach(py, || {
            let pool = Pool::add(&host.system, name, spec, launch, refusal);
            host.keep_pool(pool);
        });
        Ok(())
    }

    /// Sets where the workers of a pool find a command. `target` is JSON. False: there is no such
    /// pool.
    fn set_target(&self, pool: &str, command: &str, target: &str) -> PyResult<bool> {
        let target: Target = from_json("target", target)?;
        let pool = self.get()?.pool(pool);
        Ok(pool.map(|pool| pool.set_target(command, target)).is_some())
    }

    /// Forgets where the workers of a pool find a command.
    fn forget_target(&self, pool: &str, command: &str) -> PyResult<()> {
        if let Some(pool) = self.get()?.pool(pool) {
            pool.forget_target(command);
        }
        Ok(())
    }

    /// Replaces the workers of a pool, as they become idle, and with `zygote` the process that forks
    /// them. False: there is no such pool.
    fn renew_pool(&self, py: Python<'_>, pool: &str, zygote: bool) -> PyResult<bool> {
        let pool = self.get()?.pool(pool);
        Ok(pool
            .map(|pool| gil::detach(py, || pool.renew(zygote)))
            .is_some())
    }

    /// The dictionaries that hold the state objects, by type: of the app, and of its windows.
    fn states<'py>(&self, py: Python<'py>, app: &AppHandle) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let app = app.get(py)?;
        let mut found = vec![states(py, &app)?];
        let windows = gil::detach(py, || app.webview_windows());
        for window in windows.values() {
            found.extend(handlers::states_of(py, &window.as_ref().window()));
        }
        Ok(found)
    }

    /// A snapshot of the pools and their workers, as JSON. Times are in milliseconds.
    fn pools(&self, py: Python<'_>) -> PyResult<String> {
        let host = self.get()?;
        to_json(&gil::detach(py, || host.look_at_pools()))
    }

    /// Kills a worker that runs no other calls than these. False: it runs others, or is gone.
    fn kill_worker(
        &self,
        py: Python<'_>,
        pool: &str,
        worker: WorkerId,
        calls: Vec<u64>,
    ) -> PyResult<bool> {
        let calls = calls.into_iter().map(CallKey).collect();
        let pool = self.get()?.pool(pool);
        Ok(pool.is_some_and(|pool| gil::detach(py, || pool.kill_worker(worker, calls))))
    }

    /// Ends every worker process, within 2 s.
    fn end_pools(&self, py: Python<'_>) -> PyResult<()> {
        let host = self.get()?;
        gil::detach(py, || host.end_pools());
        Ok(())
    }

    /// Notes that the executor's Python side takes calls from now on.
    fn executor_ready(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        let system = &self.get()?.system;
        gil::detach(py, || system.executor_ready(name));
        Ok(())
    }

    /// The handle for the command of `call`, bound to the window that called.
    fn app_handle(
        &self,
        py: Python<'_>,
        app: &AppHandle,
        call: &PythonCall,
    ) -> PyResult<Py<AppHandle>> {
        let (system, call) = (&self.get()?.system, call.call());
        let (app, label) = (app.get(py)?, &call.request.window);
        scoped_handles::for_call(py, &app, system, label, &call.scope)
    }

    /// The state object for the command of `call`: of the window that called, else of the app.
    fn state<'py>(
        &self,
        app: &AppHandle,
        call: &PythonCall,
        kind: &Bound<'py, PyType>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, call) = (kind.py(), call.call());
        let app = app.get(py)?;
        // The window of a job is gone; another one may have its label.
        if handlers::keeps_states() && !call.is_job() {
            let window = gil::detach(py, || {
                let window = app.get_webview_window(&call.request.window);
                window.filter(is_open)
            });
            if let Some(window) = window {
                return state_near(&window, kind);
            }
        }
        state_of(&app, kind)
    }

    /// Sends an event to the window of `call` only. `WindowClosed` when it is gone.
    fn emit(&self, call: &PythonCall, event: &str, payload: &Bound<'_, PyAny>) -> PyResult<()> {
        let bridge = &self.get()?.bridge;
        let py = payload.py();
        let _visit = gil::visit(py);
        check_event_name(event)?;
        let json = json_of(payload)?;
        let (label, size) = (&call.call().request.window, json.len());
        if let Some(way) = bridge.outgoing(label)
            && room::take(py, label, &way, size, Some(call.call()))?
        {
            let hears = |target: &EventTarget| is_within(target, label);
            let send = || bridge.emit(label, event, &json);
            let sent = listening::send_patiently(py, event, size, hears, send);
            // An event that is not sent gives its room back.
            if sent.inspect_err(|_| way.leave(size))? {
                return Ok(());
            }
        }
        let text = format!("the window `{label}`, which made this call, is closed");
        Err(window_closed(py, text))
    }

    /// The calls whose work has not ended, oldest first.
    fn calls(&self) -> PyResult<Vec<CallRow>> {
        let host = self.get()?;
        let is_open = |label: &str| host.bridge.has_webview(label);
        let row = |call: &Arc<Call>| row(call, host.system.is_detached(call, is_open));
        Ok(host.system.calls().iter().map(row).collect())
    }

    /// Cancels a call. False: there is no such call to cancel.
    fn cancel(&self, py: Python<'_>, call: CallId) -> PyResult<bool> {
        let system = &self.get()?.system;
        Ok(gil::detach(py, || system.cancel(call.0)))
    }

    /// A snapshot of what the app holds, as JSON.
    fn gauges(&self) -> PyResult<String> {
        to_json(&self.get()?.system.gauges())
    }

    /// The event counters, as JSON.
    fn counters(&self) -> PyResult<String> {
        to_json(&self.get()?.system.counters().read())
    }

    /// Gauges, counters and latencies, as JSON.
    fn metrics(&self) -> PyResult<String> {
        let mut metrics = self.get()?.system.metrics();
        metrics.counters.insert("dropped-callback", threads::lost());
        metrics.counters.insert("dropped-log", records::lost());
        to_json(&metrics)
    }

    /// Counts an interrupt of a call's thread.
    fn count_interrupt(&self) -> PyResult<()> {
        self.get()?.system.count(Count::Interrupt);
        Ok(())
    }

    /// Waits, without the GIL, until the loop that takes from `inbox` is stalled or runs again:
    /// `(whether it runs, seconds)`. It is stalled when it has not turned for a second while its
    /// executor has calls or messages. `None`: the watchdog has ended.
    fn next_stall(
        &self,
        py: Python<'_>,
        executor: &str,
        inbox: &Inbox,
    ) -> PyResult<Option<(bool, f64)>> {
        let (system, post) = (&self.get()?.system, inbox.post()?);
        let is_busy = || post.has_mail() || system.is_busy(executor);
        let news = gil::detach(py, || post.watch.next(is_busy, || post.ask()));
        Ok(news.map(|news| match news {
            StallReport::Stalled(time) => {
                system.count(Count::ExecutorStalled);
                (false, time.as_secs_f64())
            }
            StallReport::Over(time) => (true, time.as_secs_f64()),
        }))
    }

    /// Ends `next_stall`.
    fn end_watch(&self, inbox: &Inbox) -> PyResult<()> {
        inbox.post()?.watch.end();
        Ok(())
    }

    /// Reports calls that are given up, from now on.
    fn abandoned(&self) -> PyResult<Abandoned> {
        Ok(Abandoned::of(&self.get()?.system))
    }

    /// Starts or ends the record of the actors' steps.
    fn trace(&self, on: bool) -> PyResult<()> {
        self.get()?.system.trace().turn(on);
        Ok(())
    }

    /// Takes the record of the actors' steps, as JSON.
    fn take_trace(&self) -> PyResult<String> {
        to_json(&self.get()?.system.trace().take())
    }

    /// Ends every call and every executor. False: something still runs after `seconds`.
    fn drain(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let system = &self.get()?.system;
        let patience = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        Ok(gil::detach(py, || system.drain(patience)))
    }

    /// Ends the actors' thread. To be called after `drain`, when every window is closed.
    fn end(&self, py: Python<'_>) -> PyResult<()> {
        let system = &self.get()?.system;
        gil::detach(py, || system.end_thread());
        Ok(())
    }
}

fn from_json<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> PyResult<T> {
    serde_json::from_str(text)
        .map_err(|error| PyValueError::new_err(format!("a wrong {what}: {error}")))
}

fn to_json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

pub(crate) fn row(call: &Call, detached: bool) -> CallRow {
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
        clock::since(call.accepted).as_secs_f64(),
        (
            call.executor().map(|name| name.to_string()),
            times.queue.as_secs_f64(),
            times.run.map(|run| run.as_secs_f64()),
        ),
        detached,
    )
}
