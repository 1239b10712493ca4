//! The wiring: handles of the actors and calls, and what their effects do.
//!
//! Nothing here decides. Permits, calls in flight, repeats and scope live in the machines.

use std::{
    fmt,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use dashmap::DashMap;
use serde::Serialize;

use super::{
    call::{Call, Outcome, Progress, Request, Responder},
    command::{CommandEffect, CommandEvent, CommandGauges, CommandMachine, CommandSpec},
    counters::Counters,
    executor::{ExecutorEffect, ExecutorEvent, ExecutorGauges, ExecutorMachine},
    message::{CallKey, Epoch, Name, Origin, PageCall, Ticket},
    runtime::Runtime,
    scope::Scope,
    shell::{Actor, Interpret},
    supervisor::{ANY_COMMAND, GATE, SupervisorEffect, SupervisorEvent, SupervisorMachine},
    trace::Trace,
    window::{WindowEffect, WindowEvent, WindowGauges, WindowMachine},
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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls_per_window: 256,
            calls: 1024,
            max_body: 256 << 20,
        }
    }
}

/// What runs the calls of an executor: a portal, threads, later a process.
///
/// All of it is called from whichever thread brought the message, the UI's included: nothing here
/// may block, wait for another thread, or run user code.
pub trait Transport: Send + Sync {
    /// Runs a call. Dropping the guard ends it in any case.
    fn start(&self, call: CallGuard);

    /// Asks a started call to stop.
    fn stop_call(&self, call: &Arc<Call>);

    /// Nothing runs and nothing will come.
    fn stop(&self);
}

/// What the page side does for the actors.
pub trait PageLink: Send + Sync {
    /// Answers a `hello`.
    fn answer(&self, ticket: Ticket, answer: Result<(), CallError>);

    /// A document may be served.
    fn welcome(&self, label: &str, epoch: Epoch);

    /// Ends what waits for a document.
    fn retire(&self, label: &str, epoch: Epoch);

    /// Brings progress to the page.
    fn progress(&self, call: &Call, progress: &Progress);
}

struct ExecutorHandle {
    actor: Arc<Actor<ExecutorMachine>>,
    transport: Arc<dyn Transport>,
}

/// All actors of one app.
pub struct System {
    limits: Limits,
    runtime: Runtime,
    trace: Trace,
    counters: Counters,
    page: Box<dyn PageLink>,
    keys: AtomicU64,
    supervisor: Arc<Actor<SupervisorMachine>>,
    windows: DashMap<Name, Arc<Actor<WindowMachine>>>,
    commands: DashMap<Name, Arc<Actor<CommandMachine>>>,
    executors: DashMap<Name, ExecutorHandle>,
    calls: DashMap<CallKey, Arc<Call>>,
    drained: (Mutex<bool>, Condvar),
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("System")
            .field("limits", &self.limits)
            .field("gauges", &self.gauges())
            .finish_non_exhaustive()
    }
}

/// A look at everything that is held.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Gauges {
    /// Calls of the app.
    pub calls: usize,
    /// By label.
    pub windows: std::collections::BTreeMap<String, WindowGauges>,
    /// By name.
    pub commands: std::collections::BTreeMap<String, CommandGauges>,
    /// By name.
    pub executors: std::collections::BTreeMap<String, ExecutorGauges>,
}

impl System {
    /// An app without windows, commands or executors.
    pub fn new(limits: Limits, runtime: Runtime, page: Box<dyn PageLink>) -> Arc<Self> {
        Arc::new(Self {
            supervisor: Actor::new(SupervisorMachine::new(limits.calls), &runtime),
            limits,
            runtime,
            trace: Trace::default(),
            counters: Counters::default(),
            page,
            keys: AtomicU64::new(1),
            windows: DashMap::new(),
            commands: DashMap::new(),
            executors: DashMap::new(),
            calls: DashMap::new(),
            drained: (Mutex::new(false), Condvar::new()),
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

    /// A window begins another document.
    pub fn page_started(self: &Arc<Self>, label: &str) {
        self.tell_page(label, WindowEvent::PageStarted);
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

    /// A call arrived. Its responder is called exactly once.
    pub fn route(self: &Arc<Self>, request: Request, scope: Arc<Scope>, responder: Responder) {
        let call = Arc::new(Call::new(request, responder));
        let request = &call.request;
        let event = SupervisorEvent::Route {
            call: request.key,
            label: request.window.clone(),
            page: request.page,
            command: request.command.clone(),
            scope,
        };
        self.calls.insert(request.key, call);
        self.tell(event);
    }

    /// The page gave a call up.
    pub fn cancel_from_page(self: &Arc<Self>, label: &str, page: PageCall) {
        self.tell_page(label, WindowEvent::Cancel { page });
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
        self.tell_page(&call.request.window, WindowEvent::Revoke { call: key });
        true
    }

    /// Registers a command, or configures it anew.
    pub fn register(self: &Arc<Self>, name: &str, spec: CommandSpec) {
        let name: Name = name.into();
        let actor = self
            .commands
            .entry(name.clone())
            .or_insert_with(|| {
                let machine = CommandMachine::new(name.clone(), spec.clone());
                Actor::new(machine, &self.runtime)
            })
            .clone();
        actor.send(self, CommandEvent::Configure { spec });
        self.tell(SupervisorEvent::Register {
            command: name,
            known: true,
        });
    }

    /// Takes a command away. What runs goes on; what waits is refused.
    pub fn unregister(self: &Arc<Self>, name: &str) {
        self.tell(SupervisorEvent::Register {
            command: name.into(),
            known: false,
        });
        self.tell_command(name, CommandEvent::Retire);
    }

    /// Holds every call until the commands are known: until [`System::commands_known`] or
    /// [`System::commands_failed`].
    pub fn await_commands(self: &Arc<Self>) {
        let gate = Actor::new(CommandMachine::gate(), &self.runtime);
        self.commands.insert(GATE.into(), gate);
        self.tell(SupervisorEvent::Register {
            command: GATE.into(),
            known: true,
        });
    }

    /// The commands are registered: what was held goes to them, or is refused as unknown.
    pub fn commands_known(self: &Arc<Self>) {
        self.tell(SupervisorEvent::Register {
            command: GATE.into(),
            known: false,
        });
        // Taken out first, so that nothing it passes on comes back to it.
        if let Some((_, gate)) = self.commands.remove(GATE) {
            gate.send(self, CommandEvent::PassOn);
        }
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
            .filter(|call| !call.is_released())
            .map(|call| Arc::clone(&call))
            .collect();
        calls.sort_unstable_by_key(|call| call.key());
        calls
    }

    /// A look at everything that is held.
    pub fn gauges(&self) -> Gauges {
        Gauges {
            calls: self.supervisor.look(SupervisorMachine::held),
            windows: read(&self.windows, |actor| actor.look(WindowMachine::gauges)),
            commands: read(&self.commands, |actor| actor.look(CommandMachine::gauges)),
            executors: read(&self.executors, |handle| {
                handle.actor.look(ExecutorMachine::gauges)
            }),
        }
    }

    // Messages.

    fn tell(self: &Arc<Self>, event: SupervisorEvent) {
        self.supervisor.send(self, event);
    }

    fn tell_page(self: &Arc<Self>, label: &str, event: WindowEvent) {
        let label = label.into();
        self.tell(SupervisorEvent::Page { label, event });
    }

    fn tell_window(self: &Arc<Self>, label: &str, event: WindowEvent) -> bool {
        let actor = self.windows.get(label).map(|actor| Arc::clone(&actor));
        actor.map(|actor| actor.send(self, event)).is_some()
    }

    fn tell_command(self: &Arc<Self>, name: &str, event: CommandEvent) {
        let actor = self.commands.get(name).map(|actor| Arc::clone(&actor));
        if let Some(actor) = actor {
            actor.send(self, event);
        }
    }

    /// Chooses the actor that grants a call; all else about the call goes there too.
    fn request(self: &Arc<Self>, key: CallKey, command: &Name) {
        let Some(call) = self.call(key) else {
            return;
        };
        let known = |name: &&str| self.commands.contains_key(*name);
        let Some(name) = [command, ANY_COMMAND, GATE].into_iter().find(known) else {
            return self.refuse_admitted(key, CallError::unknown_command(command));
        };
        let window = call.request.window.clone();
        let name = match name {
            // It passes the call on, so the choice is still to be made.
            GATE => GATE,
            name => call.command.get_or_init(|| name.into()),
        };
        self.tell_command(name, CommandEvent::Request { call: key, window });
    }

    fn tell_executor(self: &Arc<Self>, name: &str, event: ExecutorEvent) -> bool {
        let actor = self.executors.get(name).map(|it| Arc::clone(&it.actor));
        actor.map(|actor| actor.send(self, event)).is_some()
    }

    fn tell_command_of(self: &Arc<Self>, key: CallKey, event: CommandEvent) {
        if let Some(call) = self.call(key) {
            let name = call.command.get().map_or(GATE, |name| name);
            self.tell_command(name, event);
        }
    }

    // What effects do.

    fn settle(self: &Arc<Self>, call: &Arc<Call>, outcome: Outcome) {
        let code = match &outcome {
            Outcome::Error(error) => Some(error.code),
            Outcome::Json(_) | Outcome::Raw(_) => None,
        };
        if call.settle(outcome) {
            match code {
                Some(code) => self.counters.error(code),
                None => self.counters.value(),
            }
            let event = WindowEvent::Settled { call: call.key() };
            self.tell_window(&call.request.window, event);
        }
    }

    /// A call that was never admitted: answer it and drop it.
    fn refuse_unadmitted(self: &Arc<Self>, key: CallKey, error: CallError) {
        if let Some((_, call)) = self.calls.remove(&key) {
            self.counters.error(error.code);
            call.settle(Outcome::Error(error));
        }
        self.tell(SupervisorEvent::Released { call: key });
    }

    /// An admitted call that will not run: answer it and give its place back.
    fn refuse_admitted(self: &Arc<Self>, key: CallKey, error: CallError) {
        if let Some(call) = self.call(key) {
            self.settle(&call, Outcome::Error(error));
        }
        self.release(key);
    }

    /// A call's work ended: its places in the window and the app are free.
    fn release(self: &Arc<Self>, key: CallKey) {
        if let Some(call) = self.call(key) {
            self.settle(&call, Outcome::Error(CallError::aborted()));
            self.tell_window(&call.request.window, WindowEvent::Released { call: key });
            if call.mark_released() {
                self.calls.remove(&key);
            }
        }
        self.tell(SupervisorEvent::Released { call: key });
    }

    fn forget(&self, key: CallKey) {
        if self.call(key).is_some_and(|call| call.mark_forgotten()) {
            self.calls.remove(&key);
        }
    }

    /// `repeat` gets the outcome of `original`.
    fn attach(self: &Arc<Self>, repeat: CallKey, original: CallKey) {
        match (self.call(repeat), self.call(original)) {
            (Some(repeat), Some(original)) => original.attach(repeat.hand_over()),
            (Some(_), None) => {
                let error = CallError::protocol("a call with this id was made before");
                return self.refuse_unadmitted(repeat, error);
            }
            (None, _) => {}
        }
        self.calls.remove(&repeat);
        self.tell(SupervisorEvent::Released { call: repeat });
    }
}

fn read<V, T>(
    map: &DashMap<Name, V>,
    look: impl Fn(&V) -> T,
) -> std::collections::BTreeMap<String, T> {
    map.iter()
        .map(|entry| (entry.key().to_string(), look(entry.value())))
        .collect()
}

macro_rules! contain_panics {
    () => {
        fn panicked(self: &Arc<Self>, what: &str) {
            self.counters.panic();
            log::error!("an actor panicked and goes on: {what}");
        }

        fn trace(&self) -> &Trace {
            &self.trace
        }
    };
}

impl Interpret<SupervisorMachine> for System {
    contain_panics!();

    fn carry_out(self: &Arc<Self>, effect: SupervisorEffect) {
        match effect {
            SupervisorEffect::OpenWindow { window } => {
                let generation = window.generation;
                if !self.tell_window(&window.label, WindowEvent::Opened { generation }) {
                    let label = window.label.clone();
                    let machine = WindowMachine::new(window, self.limits.calls_per_window);
                    self.windows
                        .insert(label, Actor::new(machine, &self.runtime));
                }
            }
            SupervisorEffect::DropWindow { label } => {
                self.windows.remove(&label);
            }
            SupervisorEffect::CloseWindow { label } => {
                self.tell_window(&label, WindowEvent::Closed);
            }
            SupervisorEffect::Page { label, event } => {
                let ticket = match &event {
                    WindowEvent::Hello { ticket, .. } => Some(*ticket),
                    _ => None,
                };
                if let (false, Some(ticket)) = (self.tell_window(&label, event), ticket) {
                    self.page.answer(ticket, Err(CallError::window_closed()));
                }
            }
            SupervisorEffect::Admit {
                call,
                label,
                page,
                command,
                known,
                scope,
            } => {
                let event = WindowEvent::Admit {
                    call,
                    page,
                    command,
                    known,
                    scope,
                };
                if !self.tell_window(&label, event) {
                    self.refuse_unadmitted(call, CallError::window_closed());
                }
            }
            SupervisorEffect::Refuse { call, error } => self.refuse_unadmitted(call, error),
            SupervisorEffect::DrainExecutor { executor } => {
                self.tell_executor(&executor, ExecutorEvent::Drain);
            }
            SupervisorEffect::Drained => {
                let (flag, bell) = &self.drained;
                *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
                bell.notify_all();
            }
        }
    }
}

impl Interpret<WindowMachine> for System {
    contain_panics!();

    fn carry_out(self: &Arc<Self>, effect: WindowEffect) {
        match effect {
            WindowEffect::Welcome {
                label,
                ticket,
                epoch,
            } => {
                self.page.welcome(&label, epoch);
                self.page.answer(ticket, Ok(()));
            }
            WindowEffect::Unwelcome { ticket, error } => self.page.answer(ticket, Err(error)),
            WindowEffect::Retire { label, epoch } => self.page.retire(&label, epoch),
            WindowEffect::Request { call, command } => self.request(call, &command),
            WindowEffect::Refuse { call, error } => self.refuse_unadmitted(call, error),
            WindowEffect::Attach { call, to } => self.attach(call, to),
            WindowEffect::Replay { call, of } => self.attach(call, of),
            WindowEffect::Forget { call } => self.forget(call),
            WindowEffect::Cancel { call, error } => {
                if let Some(cell) = self.call(call) {
                    // Answered first: work that sees the mark gives up, with a lesser reason.
                    self.settle(&cell, Outcome::Error(error));
                    cell.mark_cancelled();
                    self.tell_command_of(call, CommandEvent::Cancel { call });
                }
            }
            WindowEffect::Empty { window } => self.tell(SupervisorEvent::Empty { window }),
        }
    }
}

impl Interpret<CommandMachine> for System {
    contain_panics!();

    fn carry_out(self: &Arc<Self>, effect: CommandEffect) {
        match effect {
            CommandEffect::Dispatch { call, executor } => {
                if !self.tell_executor(&executor, ExecutorEvent::Dispatch { call }) {
                    let text = format!("there is no executor `{executor}`");
                    let error = CallError::new(crate::error::ErrorCode::Unavailable, text);
                    if let Some(cell) = self.call(call) {
                        self.settle(&cell, Outcome::Error(error));
                    }
                    self.tell_command_of(call, CommandEvent::Finished { call });
                }
            }
            CommandEffect::Refuse { call, error } => self.refuse_admitted(call, error),
            CommandEffect::PassOn { call } => {
                if let Some(cell) = self.call(call) {
                    self.request(call, &cell.request.command);
                }
            }
            CommandEffect::Interrupt { call, executor } => {
                self.tell_executor(&executor, ExecutorEvent::Interrupt { call });
            }
            CommandEffect::Removed { call } | CommandEffect::Released { call } => {
                self.release(call);
            }
        }
    }
}

impl Interpret<ExecutorMachine> for System {
    contain_panics!();

    fn carry_out(self: &Arc<Self>, effect: ExecutorEffect) {
        let transport = |executor: &Name| {
            let handle = self.executors.get(executor);
            handle.map(|handle| Arc::clone(&handle.transport))
        };
        match effect {
            ExecutorEffect::Start { executor, call } => {
                if let (Some(transport), Some(cell)) = (transport(&executor), self.call(call)) {
                    transport.start(CallGuard {
                        system: Arc::clone(self),
                        executor,
                        call: cell,
                    });
                }
            }
            ExecutorEffect::Stop { executor, call } => {
                if let (Some(transport), Some(cell)) = (transport(&executor), self.call(call)) {
                    cell.mark_cancelled();
                    transport.stop_call(&cell);
                }
            }
            ExecutorEffect::Refuse { call, error } => {
                if let Some(cell) = self.call(call) {
                    self.settle(&cell, Outcome::Error(error));
                }
            }
            ExecutorEffect::Done { call } => {
                self.tell_command_of(call, CommandEvent::Finished { call });
            }
            ExecutorEffect::Stopped { executor } => {
                if let Some(transport) = transport(&executor) {
                    transport.stop();
                }
                self.tell(SupervisorEvent::ExecutorDown { executor });
            }
        }
    }
}

/// A started call in the hands of a transport. When it is dropped the call's work has ended.
#[derive(Debug)]
pub struct CallGuard {
    system: Arc<System>,
    executor: Name,
    call: Arc<Call>,
}

impl CallGuard {
    /// The call.
    pub fn call(&self) -> &Arc<Call> {
        &self.call
    }

    /// Answers the call, if nobody has.
    pub fn settle(&self, outcome: Outcome) {
        self.system.settle(&self.call, outcome);
    }

    /// Brings progress to the page and to `calls()`.
    pub fn progress(&self, progress: Progress) {
        if !self.call.is_settled() {
            self.system.page.progress(&self.call, &progress);
            self.call.set_progress(progress);
        }
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        if !self.call.is_settled() {
            let error = if self.call.is_cancelled() {
                CallError::aborted()
            } else {
                CallError::internal("the executor gave the call up without an answer")
            };
            self.settle(Outcome::Error(error));
        }
        let call = self.call.key();
        self.system
            .tell_executor(&self.executor, ExecutorEvent::Finished { call });
    }
}

#[cfg(test)]
#[path = "system_tests.rs"]
mod tests;
