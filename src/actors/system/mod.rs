//! Owns all actors of one app, and offers the methods by which the rest of the crate uses them.
//!
//! There are only handles here. Permits, calls in flight, repeats and scope live in the machines.

use std::{
    fmt,
    sync::{
        Arc, Condvar, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::DashMap;

use self::{page_link::PageLink, transport::Transport};
use super::{
    actor::{
        machine::Machine,
        runtime::Runtime,
        shell::{Actor, Interpret},
        trace::Trace,
    },
    call::{
        cell::{Call, Responder},
        request::{Body, Request},
    },
    command::{
        key_reader::KeyReader, machine::CommandMachine, messages::CommandEvent, spec::CommandSpec,
    },
    deadlines::machine::DeadlinesMachine,
    executor::machine::{ExecutorEvent, ExecutorMachine},
    ids::{CallKey, Epoch, Name, Origin, PageCall, Ticket},
    jobs::machine::JobsMachine,
    limits::Limits,
    metrics::{counters::Counters, latency::Latencies},
    stream::{items::PullAnswer, machine::Taken},
    supervisor::machine::{GATE, SupervisorEvent, SupervisorMachine},
    window::{machine::WindowMachine, messages::WindowEvent, scope::Scope},
};
use crate::{error::CallError, sync::clock::now};

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
    /// The way to the actor of each command. Whether it is registered is decided in the supervisor.
    pub(super) commands: DashMap<Name, Arc<Actor<CommandMachine>>>,
    pub(super) executors: DashMap<Name, ExecutorHandle>,
    pub(super) calls: DashMap<CallKey, Arc<Call>>,
    pub(super) deadlines: Arc<Actor<DeadlinesMachine>>,
    pub(super) jobs: Arc<Actor<JobsMachine>>,
    pub(super) begin: Instant,
    pub(super) drained: (Mutex<bool>, Condvar),
    pub(super) abandoned: OnceLock<AbandonHook>,
    pub(super) failed: OnceLock<FailureHook>,
}

/// Ends the app because an actor fails too often. It is called once with what failed.
pub(super) type FailureHook = Box<dyn Fn(&str) + Send + Sync>;

/// Runs when the work of a call is given up. It may only pass the news on.
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
    /// Creates an app without windows, commands or executors.
    pub fn new(limits: Limits, runtime: Runtime, page: Box<dyn PageLink>) -> Arc<Self> {
        Arc::new_cyclic(|this: &Weak<Self>| Self {
            jobs: runtime.actor(JobsMachine::default(), Weak::clone(this)),
            deadlines: runtime.actor(DeadlinesMachine::default(), Weak::clone(this)),
            begin: now(),
            supervisor: runtime.actor(SupervisorMachine::new(limits), Weak::clone(this)),
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
            drained: (Mutex::new(false), Condvar::new()),
            abandoned: OnceLock::new(),
            failed: OnceLock::new(),
        })
    }

    /// The limits of the app.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The counters of how calls ended.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The record of steps.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Starts another actor, whose messages go the same way as those of the app's own actors.
    pub fn actor<M: Machine, S: Interpret<M>>(&self, machine: M, world: Weak<S>) -> Arc<Actor<M>> {
        self.runtime.actor(machine, world)
    }

    /// Starts an actor of the app.
    pub(super) fn own_actor<M: Machine>(self: &Arc<Self>, machine: M) -> Arc<Actor<M>>
    where
        Self: Interpret<M>,
    {
        self.runtime.actor(machine, Arc::downgrade(self))
    }

    /// Returns a new key.
    pub fn next_key(&self) -> u64 {
        self.keys.fetch_add(1, Ordering::Relaxed)
    }

    // What the world tells the actors.

    /// Notes that a window opened.
    pub fn open_window(self: &Arc<Self>, label: &str) {
        let label = label.into();
        self.tell(SupervisorEvent::Open { label });
    }

    /// Notes that a window is gone.
    pub fn close_window(self: &Arc<Self>, label: &str) {
        let label = label.into();
        self.tell(SupervisorEvent::Close { label });
    }

    /// Notes that the document of a window is gone: another begins, or its process has died.
    pub fn page_started(self: &Arc<Self>, label: &str) {
        self.tell_page(label, WindowEvent::PageStarted);
    }

    /// Sets the function that reports work that is given up, instead of the log. The first call
    /// counts.
    pub fn on_abandoned(&self, tell: impl Fn(&Call) + Send + Sync + 'static) {
        let _ = self.abandoned.set(Box::new(tell));
    }

    /// Sets the function that ends the app when it cannot go on: an executor or the supervisor was
    /// restarted too often. It may only pass the news on. The first call counts.
    pub fn on_failure(&self, end: impl Fn(&str) + Send + Sync + 'static) {
        let _ = self.failed.set(Box::new(end));
    }

    /// Handles a document's first frame. The answer goes to the page link.
    pub fn hello(self: &Arc<Self>, label: &str, ticket: Ticket, epoch: Epoch, origin: Origin) {
        let event = WindowEvent::Hello {
            ticket,
            epoch,
            origin,
        };
        self.tell_page(label, event);
    }

    /// Takes in a call. Its responder is called exactly once.
    pub fn route(self: &Arc<Self>, request: Request, scope: Arc<Scope>, responder: Responder) {
        self.read_keys_and_admit(Arc::new(Call::new(request, scope, responder)));
    }

    /// Passes a call to the actors.
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

    /// Cancels calls that the page gave up.
    pub fn cancel_from_page(self: &Arc<Self>, label: &str, epoch: Epoch, ids: Vec<u64>) {
        self.tell_page(label, WindowEvent::Cancel { epoch, ids });
    }

    /// Asks, for a document, how the work of a call ended. The answer goes to the page link once
    /// the work has ended or was abandoned.
    pub fn watch(self: &Arc<Self>, label: &str, ticket: Ticket, asker: Epoch, page: PageCall) {
        let event = WindowEvent::Watch {
            ticket,
            asker,
            page,
        };
        self.tell_page(label, event);
    }

    /// Asks, for the page, for more items of a stream. `answer` is called once.
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

    /// Cancels a call for the app. False: there is no such call to stop.
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

    /// Starts the timeout of a call again. A call without a timeout is not changed.
    pub fn restart_deadline(self: &Arc<Self>, key: CallKey) {
        if let Some(call) = self.call(key)
            && let Some(after) = call.timeout()
        {
            self.expire(&call, now(), after);
        }
    }

    /// Registers a command, or changes its options.
    pub fn register(self: &Arc<Self>, name: &str, spec: CommandSpec) {
        let name: Name = name.into();
        self.latencies.open(&name);
        self.tell(SupervisorEvent::Register {
            command: name,
            spec: Box::new(spec),
        });
    }

    /// Removes a command. Its running calls go on, and those that wait are refused.
    pub fn unregister(self: &Arc<Self>, name: &str) {
        let command = name.into();
        self.tell(SupervisorEvent::Unregister { command });
        self.latencies.close(name);
    }

    /// Holds every call until the commands are known: until [`System::commands_known`] or
    /// [`System::commands_failed`].
    pub fn await_commands(self: &Arc<Self>) {
        let gate = self.own_actor(CommandMachine::gate());
        self.commands.insert(GATE.into(), gate);
    }

    /// Ends the hold: the commands are registered. Held calls go to them, or are refused as
    /// unknown.
    pub fn commands_known(self: &Arc<Self>) {
        // Behind the registrations, so that the held calls find them.
        self.tell(SupervisorEvent::OpenGate);
    }

    /// Ends the hold without commands: every call, held or to come, gets `error`.
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
        let actor = self.own_actor(machine);
        let handle = ExecutorHandle { actor, transport };
        self.executors.insert(name.clone(), handle);
        self.tell(SupervisorEvent::ExecutorUp { executor: name });
    }

    /// Notes that the executor's transport can run calls.
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

    /// Ends the actors' thread, once everything is drained and every window is closed. After that
    /// only what the app holds may be read.
    pub fn end_thread(&self) {
        self.key_reader.end();
        self.runtime.end();
    }
}

pub(crate) mod call_guard;
mod clock;
pub(crate) mod interpret;
mod key_reading;
mod looks;
pub(crate) mod page_link;
mod restart;
mod results;
#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
pub(crate) mod transport;
pub(crate) mod wiring;
