//! All actors of one app: what the world tells them, and what can be looked at.
//!
//! Here are only handles. Permits, calls in flight, repeats and scope live in the machines.

use std::{
    fmt,
    sync::{
        Arc, Condvar, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::DashMap;
use serde::Serialize;

use super::{
    call::{Call, Responder},
    command::{CommandEvent, CommandMachine},
    counters::Counters,
    deadlines::Deadlines,
    executor::{ExecutorEvent, ExecutorMachine},
    gauges::{Gauges, read, streams},
    items::PullAnswer,
    jobs::JobsMachine,
    key_reader::KeyReader,
    latency::Latencies,
    machine::Machine,
    message::{CallKey, Epoch, Name, Origin, PageCall, Ticket, WindowKey},
    policy::CommandSpec,
    request::{Body, Request},
    runtime::Runtime,
    scope::Scope,
    shell::Actor,
    stream::Taken,
    supervisor::{GATE, SupervisorEvent, SupervisorMachine},
    trace::Trace,
    transport::{PageLink, Transport},
    window::WindowMachine,
    window_message::WindowEvent,
};
use crate::error::CallError;
/// How much the app holds at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Calls of one window: 256.
    pub calls_per_window: usize,
    /// Calls of the app: 1,024.
    pub calls: usize,
    /// Bytes of one body: 256 MiB.
    pub max_body: usize,
    /// Bytes of the bodies of all calls that wait: 64 MiB. One that waits alone may be larger.
    pub queued_bytes: usize,
    /// Bytes of all results on their way to their pages: 256 MiB, for one of them too.
    pub result_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls_per_window: 256,
            calls: 1024,
            max_body: 256 << 20,
            queued_bytes: 64 << 20,
            result_bytes: 256 << 20,
        }
    }
}

pub(super) struct ExecutorHandle {
    pub(super) actor: Arc<Actor<ExecutorMachine>>,
    pub(super) transport: Arc<dyn Transport>,
}

/// All actors of one app.
pub struct System {
    pub(super) limits: Limits,
    pub(super) runtime: Runtime,
    pub(super) trace: Trace,
    pub(super) counters: Counters,
    pub(super) latencies: Latencies,
    pub(super) page: Box<dyn PageLink>,
    pub(super) key_reader: KeyReader,
    keys: AtomicU64,
    pub(super) supervisor: Arc<Actor<SupervisorMachine>>,
    pub(super) windows: DashMap<Name, Arc<Actor<WindowMachine>>>,
    pub(super) commands: DashMap<Name, Arc<Actor<CommandMachine>>>,
    pub(super) executors: DashMap<Name, ExecutorHandle>,
    pub(super) calls: DashMap<CallKey, Arc<Call>>,
    pub(super) deadlines: Mutex<Deadlines>,
    pub(super) jobs: Arc<Actor<JobsMachine>>,
    pub(super) begin: Instant,
    pub(super) drained: (Mutex<bool>, Condvar),
    pub(super) abandoned: OnceLock<AbandonHook>,
}

/// Told of a call whose work is given up. It may only pass the news on.
pub(super) type AbandonHook = Box<dyn Fn(&Call) + Send + Sync>;

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("System")
            .field("limits", &self.limits)
            .field("gauges", &self.gauges())
            .finish_non_exhaustive()
    }
}

impl System {
    /// An app without windows, commands or executors.
    pub fn new(limits: Limits, runtime: Runtime, page: Box<dyn PageLink>) -> Arc<Self> {
        Arc::new(Self {
            jobs: Actor::new(JobsMachine::default(), &runtime),
            begin: Instant::now(),
            supervisor: Actor::new(SupervisorMachine::new(limits), &runtime),
            limits,
            runtime,
            trace: Trace::default(),
            counters: Counters::default(),
            latencies: Latencies::default(),
            page,
            key_reader: KeyReader::default(),
            keys: AtomicU64::new(1),
            windows: DashMap::new(),
            commands: DashMap::new(),
            executors: DashMap::new(),
            calls: DashMap::new(),
            deadlines: Mutex::default(),
            drained: (Mutex::new(false), Condvar::new()),
            abandoned: OnceLock::new(),
        })
    }

    /// How much the app holds at once.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How calls ended.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The record of steps.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// An actor beside the app's own, whose messages take the same way as theirs.
    pub fn actor<M: Machine>(&self, machine: M) -> Arc<Actor<M>> {
        Actor::new(machine, &self.runtime)
    }

    /// Runs `job` later, on the actors' thread.
    pub fn after(&self, delay: Duration, job: impl FnOnce() + Send + 'static) {
        self.runtime.after(delay, Box::new(job));
    }

    /// A new key.
    pub fn next_key(&self) -> u64 {
        self.keys.fetch_add(1, Ordering::Relaxed)
    }

    // What the world tells the actors.

    /// A window opened.
    pub fn open_window(self: &Arc<Self>, label: &str) {
        let label = label.into();
        self.tell(SupervisorEvent::Open { label });
    }

    /// A window is gone.
    pub fn close_window(self: &Arc<Self>, label: &str) {
        let label = label.into();
        self.tell(SupervisorEvent::Close { label });
    }

    /// A window begins another document, or the process of its document has died: that one is gone.
    pub fn page_started(self: &Arc<Self>, label: &str) {
        self.tell_page(label, WindowEvent::PageStarted);
    }

    /// Says who reports work that is given up, in place of the log. Only the first one does.
    pub fn on_abandoned(&self, tell: impl Fn(&Call) + Send + Sync + 'static) {
        let _ = self.abandoned.set(Box::new(tell));
    }

    /// A document's first frame. The page link gets the answer.
    pub fn hello(self: &Arc<Self>, label: &str, ticket: Ticket, epoch: Epoch, origin: Origin) {
        let event = WindowEvent::Hello {
            ticket,
            epoch,
            origin,
        };
        self.tell_page(label, event);
    }

    /// Whether `epoch` is the document that `label` shows.
    pub fn is_current(&self, label: &str, epoch: Epoch) -> bool {
        self.windows
            .get(label)
            .is_some_and(|actor| actor.look(|window| window.epoch() == Some(epoch)))
    }

    /// Which opening of `label` is the latest, while something of it is left.
    pub fn opening(&self, label: &str) -> Option<WindowKey> {
        let actor = self.windows.get(label)?;
        Some(actor.look(|window| window.key().clone()))
    }

    /// Whether that opening of a window still lasts.
    pub fn is_open(&self, window: &WindowKey) -> bool {
        self.windows
            .get(&window.label)
            .is_some_and(|actor| actor.look(|it| it.is_open() && it.key() == window))
    }

    /// A call arrived. Its responder is called exactly once.
    pub fn route(self: &Arc<Self>, request: Request, scope: Arc<Scope>, responder: Responder) {
        self.read_keys_and_admit(Arc::new(Call::new(request, scope, responder)));
    }

    /// Lets the actors hear of a call.
    pub(super) fn route_call(self: &Arc<Self>, call: Arc<Call>) {
        let request = &call.request;
        let event = SupervisorEvent::Route {
            call: request.key,
            label: request.window.clone(),
            page: request.page,
            command: request.command.clone(),
            scope: Arc::clone(&call.scope),
            bytes: call.look_at_body(Body::size),
        };
        self.calls.insert(call.key(), call);
        self.tell(event);
    }

    /// The page gave these calls up.
    pub fn cancel_from_page(self: &Arc<Self>, label: &str, epoch: Epoch, ids: Vec<u64>) {
        self.tell_page(label, WindowEvent::Cancel { epoch, ids });
    }

    /// A document asks how the work of a call ended. The page link gets the answer, once the work
    /// has ended or was abandoned.
    pub fn watch(self: &Arc<Self>, label: &str, ticket: Ticket, asker: Epoch, page: PageCall) {
        let event = WindowEvent::Watch {
            ticket,
            asker,
            page,
        };
        self.tell_page(label, event);
    }

    /// The page asks for more items of a stream. `answer` is called once.
    pub fn pull_items(
        self: &Arc<Self>,
        label: &str,
        page: PageCall,
        at: Taken,
        answer: PullAnswer,
    ) {
        let window = self.windows.get(label).map(|actor| Arc::clone(&actor));
        let key = window.and_then(|actor| actor.look(|window| window.live(page)));
        let Some(call) = key.and_then(|key| self.call(key)) else {
            return answer(Ok(None));
        };
        let Some(items) = call.items() else {
            return answer(Err(CallError::protocol("this call is not a stream")));
        };
        match items.pull(at, answer) {
            Ok(Some(outcome)) => self.settle(&call, outcome),
            Ok(None) => {}
            Err((answer, error)) => {
                let error = error.with("started", call.begun());
                answer(Err(error.clone()));
                self.stop(&[call.key()], &error);
            }
        }
    }

    /// The app gives a call up. False: there is no such call to stop.
    pub fn cancel(self: &Arc<Self>, key: CallKey) -> bool {
        let Some(call) = self.call(key) else {
            return false;
        };
        if call.is_settled() {
            return false;
        }
        // Behind the call itself, which may still be on its way to its window.
        let error = CallError::aborted();
        self.tell_page(
            &call.request.window,
            WindowEvent::Revoke { call: key, error },
        );
        true
    }

    /// Lets the timeout of a call begin anew. A call without one goes on without.
    pub fn restart_deadline(self: &Arc<Self>, key: CallKey) {
        if let Some(call) = self.call(key)
            && let Some(after) = call.timeout()
        {
            self.expire(&call, Instant::now(), after);
        }
    }

    /// Registers a command, or configures it anew.
    pub fn register(self: &Arc<Self>, name: &str, spec: CommandSpec) {
        let name: Name = name.into();
        self.latencies.open(&name);
        self.tell(SupervisorEvent::Register {
            command: name,
            spec: Box::new(spec),
        });
    }

    /// Takes a command away. What runs goes on; what waits is refused.
    pub fn unregister(self: &Arc<Self>, name: &str) {
        let command = name.into();
        self.tell(SupervisorEvent::Unregister { command });
        self.latencies.close(name);
    }

    /// Holds every call until the commands are known: until [`System::commands_known`] or
    /// [`System::commands_failed`].
    pub fn await_commands(self: &Arc<Self>) {
        let gate = Actor::new(CommandMachine::gate(), &self.runtime);
        self.commands.insert(GATE.into(), gate);
        self.tell(SupervisorEvent::Hold { hold: true });
    }

    /// The commands are registered: what was held goes to them, or is refused as unknown.
    pub fn commands_known(self: &Arc<Self>) {
        self.tell(SupervisorEvent::Hold { hold: false });
    }

    /// There will be no commands: every call, held or to come, gets `error`.
    pub fn commands_failed(self: &Arc<Self>, error: CallError) {
        self.tell_command(GATE, CommandEvent::Close { error });
    }

    /// Adds an executor. It takes calls and runs them once it is ready.
    pub fn add_executor(
        self: &Arc<Self>,
        name: &str,
        capacity: Option<usize>,
        transport: Arc<dyn Transport>,
    ) {
        let name: Name = name.into();
        let machine = ExecutorMachine::new(name.clone(), capacity);
        let actor = Actor::new(machine, &self.runtime);
        let handle = ExecutorHandle { actor, transport };
        self.executors.insert(name.clone(), handle);
        self.tell(SupervisorEvent::ExecutorUp { executor: name });
    }

    /// The executor's transport is up.
    pub fn executor_ready(self: &Arc<Self>, name: &str) {
        self.tell_executor(name, ExecutorEvent::Ready);
    }

    /// Stops admission, cancels everything, and waits until nothing runs or `patience` is over.
    /// False: something still runs.
    pub fn drain(self: &Arc<Self>, patience: Duration) -> bool {
        self.tell(SupervisorEvent::Drain);
        let (flag, bell) = &self.drained;
        let flag = flag.lock().unwrap_or_else(PoisonError::into_inner);
        bell.wait_timeout_while(flag, patience, |drained| !*drained)
            .map(|(drained, _)| *drained)
            .unwrap_or(false)
    }

    /// Ends the actors' thread, once everything is drained and every window is closed. Nothing may
    /// be asked of the app after that, but what it holds.
    pub fn end_thread(&self) {
        self.key_reader.end();
        self.runtime.end();
    }

    // What one can look at.

    /// The handle of a call.
    pub fn call(&self, key: CallKey) -> Option<Arc<Call>> {
        self.calls.get(&key).map(|call| Arc::clone(&call))
    }

    /// The calls whose work has not ended, oldest first.
    pub fn calls(&self) -> Vec<Arc<Call>> {
        let mut calls: Vec<_> = self
            .calls
            .iter()
            .filter(|call| !call.is_released() && call.request.attach.is_none())
            .map(|call| Arc::clone(&call))
            .collect();
        calls.sort_unstable_by_key(|call| call.key());
        calls
    }

    /// A look at everything that is held.
    pub fn gauges(&self) -> Gauges {
        Gauges {
            calls: self.supervisor.look(SupervisorMachine::held),
            streams: streams(&self.calls),
            jobs: self.jobs.look(JobsMachine::held),
            queued_bytes: self.supervisor.look(SupervisorMachine::queued_bytes),
            result_bytes: self.supervisor.look(SupervisorMachine::result_bytes),
            windows: read(&self.windows, |actor| actor.look(WindowMachine::gauges)),
            commands: read(&self.commands, |actor| actor.look(CommandMachine::gauges)),
            executors: read(&self.executors, |handle| {
                let waiting = handle.transport.waiting();
                handle
                    .actor
                    .look(ExecutorMachine::gauges)
                    .of_started(waiting)
            }),
        }
    }
}

#[cfg(test)]
#[path = "system_tests.rs"]
mod tests;
