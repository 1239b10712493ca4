//! The wiring: how messages find their actor, and what effects do. Nothing here decides.

use std::sync::{Arc, PoisonError};

use super::{
    call::{Call, Watch},
    command::{CommandEffect, CommandEvent, CommandMachine},
    deadlines::Alarm,
    executor::{ExecutorEffect, ExecutorEvent, ExecutorMachine},
    jobs::JobEvent,
    keys::{KeySource, Keys},
    message::{CallKey, Name, Released},
    observe::Ended,
    request::Outcome,
    shell::{Actor, Interpret, contain},
    supervisor::{ANY_COMMAND, GATE, SupervisorEffect, SupervisorEvent, SupervisorMachine},
    system::System,
    trace::Trace,
    transport::CallGuard,
    window::WindowMachine,
    window_message::{WindowEffect, WindowEvent},
};
use crate::error::CallError;

/// What keeps the call apart from others of its command.
fn keys_of(call: &Call, command: &str, sources: &[KeySource; 2]) -> Result<Keys, CallError> {
    let [permit, queue] = sources;
    let key = call.key_of(permit, command)?;
    let queue = match queue == permit {
        true => key.clone(),
        false => call.key_of(queue, command)?,
    };
    Ok(Keys { permit: key, queue })
}

impl System {
    // Messages.

    pub(super) fn tell(self: &Arc<Self>, event: SupervisorEvent) {
        self.supervisor.send(self, event);
    }

    pub(super) fn tell_page(self: &Arc<Self>, label: &str, event: WindowEvent) {
        let label = label.into();
        self.tell(SupervisorEvent::Page { label, event });
    }

    pub(super) fn tell_window(self: &Arc<Self>, label: &str, event: WindowEvent) -> bool {
        let actor = self.windows.get(label).map(|actor| Arc::clone(&actor));
        actor.map(|actor| actor.send(self, event)).is_some()
    }

    pub(super) fn tell_command(self: &Arc<Self>, name: &str, event: CommandEvent) -> bool {
        let actor = self.commands.get(name).map(|actor| Arc::clone(&actor));
        actor.map(|actor| actor.send(self, event)).is_some()
    }

    /// Chooses the actor that grants a call; all else about the call goes there too.
    pub(super) fn request(self: &Arc<Self>, key: CallKey, command: &Name) {
        let Some(call) = self.call(key) else {
            return;
        };
        if let Some(job) = call.request.attach {
            return self.tell_jobs(JobEvent::Attach { call: key, job });
        }
        let Some((name, sources, _)) = self.granting(command) else {
            return self.refuse_admitted(key, CallError::unknown_command(command));
        };
        // The gate passes the call on, so the choice is still to be made.
        if &*name != GATE {
            call.command.get_or_init(|| name.clone());
        }
        let keys = match keys_of(&call, &name, &sources) {
            Ok(keys) => keys,
            Err(error) => return self.refuse_admitted(key, error),
        };
        let event = CommandEvent::Request {
            call: key,
            window: call.request.window.clone(),
            class: call.request.class,
            keys,
            timeout: call.request.timeout,
        };
        if !self.tell_command(&name, event) {
            // The command was taken away since it was chosen.
            self.refuse_admitted(key, CallError::unknown_command(command));
        }
    }

    /// The actor that grants the calls of a command, what their keys are read from, and the executor
    /// that they go to.
    pub(super) fn granting(&self, command: &str) -> Option<(Name, [KeySource; 2], Name)> {
        [command, ANY_COMMAND, GATE].into_iter().find_map(|name| {
            let actor = self.commands.get(name)?;
            let (sources, executor) = actor.look(CommandMachine::serves)?;
            Some((actor.key().clone(), sources, executor))
        })
    }

    pub(super) fn tell_executor(self: &Arc<Self>, name: &str, event: ExecutorEvent) -> bool {
        let actor = self.executors.get(name).map(|it| Arc::clone(&it.actor));
        actor.map(|actor| actor.send(self, event)).is_some()
    }

    fn dispatch(self: &Arc<Self>, call: CallKey, executor: &str) -> bool {
        let Some(cell) = self.call(call) else {
            return false;
        };
        let event = ExecutorEvent::Dispatch {
            call,
            window: cell.request.window.clone(),
            class: cell.request.class,
        };
        self.tell_executor(executor, event)
    }

    pub(super) fn tell_command_of(self: &Arc<Self>, key: CallKey, event: CommandEvent) {
        if let Some(call) = self.call(key) {
            let name = call.command.get().map_or(GATE, |name| name);
            self.tell_command(name, event);
        }
    }

    // What effects do.

    pub(super) fn settle(self: &Arc<Self>, call: &Arc<Call>, outcome: Outcome) {
        self.settle_and_end(call, outcome, || {});
    }

    /// Settles a call whose work ends with it, by `end`: before the page hears, so that its next
    /// call finds the place of this one free. A job has its outcome first.
    pub(super) fn settle_and_end(
        self: &Arc<Self>,
        call: &Arc<Call>,
        outcome: Outcome,
        end: impl FnOnce(),
    ) {
        let outcome = self.fit(outcome);
        self.weigh(call, &outcome);
        let ended = Ended::with(&outcome);
        let mut end = Some(end);
        if let Some(decided) = call.decide(outcome) {
            self.forget_deadlines(call.key());
            // Subscribers of `tracing` run in it: what they break costs no call its place.
            contain::<SupervisorMachine, _>(self, || self.note_answer(call, ended));
            if let Some(end) = end.take_if(|_| !call.is_job()) {
                end();
            }
            call.answer(decided);
            let event = WindowEvent::Settled { call: call.key() };
            self.tell_window(&call.request.window, event);
            if call.is_job() {
                self.job_ended(call);
            }
            if call.take_release() {
                self.release(call.key());
            }
        }
        if let Some(end) = end {
            end();
        }
        // Handed over, unless a responder has taken it.
        drop(call.take_parcel());
    }

    /// Answers the calls with this error now, and stops their work.
    pub(super) fn stop(self: &Arc<Self>, calls: &[CallKey], error: &CallError) {
        let mut cells: Vec<_> = calls.iter().filter_map(|&call| self.call(call)).collect();
        // All are answered before any is stopped, since none that is answered begins: so none gets
        // the place of one that stops. Those that run come last, for a generator ends by the answer
        // alone. Work that sees the mark gives up, with a lesser reason: it comes after the answer.
        cells.sort_by_cached_key(|cell| cell.begun());
        for cell in &cells {
            match cell.request.attach {
                Some(job) => self.leave(cell, job, error.clone()),
                None => self.settle(cell, Outcome::Error(error.clone())),
            }
        }
        for cell in cells.iter().filter(|cell| cell.request.attach.is_none()) {
            let call = cell.key();
            cell.mark_cancelled();
            self.tell_command_of(call, CommandEvent::Cancel { call });
        }
    }

    /// A call that was never admitted: answer it and drop it.
    pub(super) fn refuse_unadmitted(self: &Arc<Self>, key: CallKey, error: CallError) {
        if let Some((_, call)) = self.calls.remove(&key) {
            let outcome = Outcome::Error(error);
            contain::<SupervisorMachine, _>(self, || {
                self.note_answer(&call, Ended::with(&outcome));
            });
            call.settle(outcome);
        }
        self.tell(SupervisorEvent::Released { call: key });
    }

    /// An admitted call that will not run: answer it and give its place back.
    pub(super) fn refuse_admitted(self: &Arc<Self>, key: CallKey, error: CallError) {
        if let Some(call) = self.call(key) {
            self.settle(&call, Outcome::Error(error));
        }
        self.release(key);
    }

    /// A call's work ended: its places in the window and the app are free.
    pub(super) fn release(self: &Arc<Self>, key: CallKey) {
        if let Some(call) = self.call(key) {
            self.forget_deadlines(key);
            let how = call.how_it_ended();
            if call.puts_off_release() {
                return self.end(&call, how);
            }
            self.settle(&call, Outcome::Error(CallError::aborted()));
            // First: who is told of the end finds the call in no list any more.
            let is_done = call.mark_released();
            let event = WindowEvent::Released { call: key, how };
            self.tell_window(&call.request.window, event);
            self.end(&call, how);
            contain::<SupervisorMachine, _>(self, || self.note_end(&call));
            if call.is_job() {
                self.job_released(key);
            }
            if is_done {
                self.calls.remove(&key);
            }
        }
        self.tell(SupervisorEvent::Released { call: key });
    }

    /// Tells those who wait for it how a call's work ended.
    pub(super) fn end(&self, call: &Call, how: Released) {
        for ticket in call.end(how) {
            self.page.released(ticket, Ok(how));
        }
    }

    pub(super) fn forget(&self, key: CallKey) {
        if self.call(key).is_some_and(|call| call.mark_forgotten()) {
            self.calls.remove(&key);
        }
    }

    /// `repeat` gets the outcome of `original`.
    pub(super) fn attach(self: &Arc<Self>, repeat: CallKey, original: CallKey) {
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

macro_rules! contain_panics {
    () => {
        fn panicked(self: &Arc<Self>, what: &str) {
            self.count(crate::actors::Count::Panic);
            log::error!("an actor panicked and goes on: {what}");
        }

        fn trace(&self) -> &Trace {
            &self.trace
        }
    };
}
pub(super) use contain_panics;

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
                let (hello, watch) = match &event {
                    WindowEvent::Hello { ticket, .. } => (Some(*ticket), None),
                    WindowEvent::Watch { ticket, .. } => (None, Some(*ticket)),
                    _ => (None, None),
                };
                if self.tell_window(&label, event) {
                    return;
                }
                if let Some(ticket) = hello {
                    self.page.answer(ticket, Err(CallError::window_closed()));
                }
                if let Some(ticket) = watch {
                    self.page.released(ticket, Err(CallError::window_closed()));
                }
            }
            SupervisorEffect::Admit {
                call,
                label,
                page,
                command,
                known,
                detach,
                scope,
            } => {
                let event = WindowEvent::Admit {
                    call,
                    page,
                    command,
                    known,
                    detach,
                    scope,
                };
                if !self.tell_window(&label, event) {
                    self.refuse_unadmitted(call, CallError::window_closed());
                }
            }
            SupervisorEffect::Refuse { call, error } => self.refuse_unadmitted(call, error),
            SupervisorEffect::ServeCommand { command, spec } => {
                let new = || {
                    let machine = CommandMachine::new(command.clone(), (*spec).clone());
                    Actor::new(machine, &self.runtime)
                };
                let actor = Arc::clone(&self.commands.entry(command.clone()).or_insert_with(new));
                actor.send(self, CommandEvent::Configure { spec: *spec });
            }
            SupervisorEffect::OpenGate => {
                // Taken out first, so that nothing it passes on comes back to it.
                if let Some((_, gate)) = self.commands.remove(GATE) {
                    gate.send(self, CommandEvent::PassOn);
                }
            }
            SupervisorEffect::RetireCommand {
                command,
                retirement,
            } => {
                self.tell_command(&command, CommandEvent::Retire { retirement });
            }
            SupervisorEffect::DropCommand { command } => {
                self.commands.remove(&command);
            }
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
            WindowEffect::Watch { ticket, call } => {
                match self.call(call).map(|it| it.watch(ticket)) {
                    Some(Watch::Waits) => {}
                    Some(Watch::Ended(how)) => self.page.released(ticket, Ok(how)),
                    Some(Watch::Full) => {
                        let error = CallError::protocol("too many wait for the end of this call");
                        self.page.released(ticket, Err(error));
                    }
                    // Its document is gone and its work has ended this moment: it was cut short.
                    None => self.page.released(ticket, Ok(Released::Cancelled)),
                }
            }
            WindowEffect::Ended { ticket, how } => self.page.released(ticket, how),
            WindowEffect::Detach { call } => self.outlive_page(call),
            WindowEffect::Cancel { calls, error } => self.stop(&calls, &error),
            WindowEffect::Empty { window } => self.tell(SupervisorEvent::Empty { window }),
        }
    }
}

impl Interpret<CommandMachine> for System {
    contain_panics!();

    fn carry_out(self: &Arc<Self>, effect: CommandEffect) {
        match effect {
            CommandEffect::Dispatch { call, executor } => {
                if !self.dispatch(call, &executor) {
                    let text = format!("there is no executor `{executor}`");
                    let error = CallError::new(crate::error::ErrorCode::Unavailable, text);
                    if let Some(cell) = self.call(call) {
                        self.settle(&cell, Outcome::Error(error));
                    }
                    self.tell_command_of(call, CommandEvent::Finished { call });
                }
            }
            CommandEffect::Refuse { call, error } => self.refuse_admitted(call, error),
            CommandEffect::Cancel {
                call,
                executor,
                error,
            } => {
                if let Some(cell) = self.call(call) {
                    self.settle(&cell, Outcome::Error(error));
                    cell.mark_cancelled();
                }
                self.tell_executor(&executor, ExecutorEvent::Interrupt { call });
            }
            CommandEffect::Withdraw {
                call,
                executor,
                error,
            } => {
                if let Some(cell) = self.call(call).filter(|cell| cell.cancel_unbegun()) {
                    self.settle(&cell, Outcome::Error(error));
                    self.tell_executor(&executor, ExecutorEvent::Interrupt { call });
                }
            }
            CommandEffect::Deadline { call, after } => {
                if let Some(cell) = self.call(call) {
                    self.expire(&cell, cell.accepted, after);
                }
            }
            CommandEffect::WholeDeadline { call, after } => {
                if let Some(cell) = self.call(call) {
                    self.expire_whole(&cell, after);
                }
            }
            CommandEffect::Patience { call, after } => {
                if let Some(cell) = self.call(call)
                    && let Some(at) = cell.accepted.checked_add(after)
                {
                    self.set_alarm(&cell, Alarm::WaitedOut, at);
                }
            }
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
            CommandEffect::Over {
                command,
                retirement,
            } => self.tell(SupervisorEvent::Unused {
                command,
                retirement,
            }),
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
                    transport.start(CallGuard::new(self, executor, cell));
                }
            }
            ExecutorEffect::Stop { executor, call } => {
                if let (Some(transport), Some(cell)) = (transport(&executor), self.call(call)) {
                    cell.mark_cancelled();
                    self.bound_clean_up(call);
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
            ExecutorEffect::Draining { executor } => {
                if let Some(transport) = transport(&executor) {
                    transport.drain();
                }
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
