//! Carries out the effects that the actors' state machines ask for. It makes no decisions itself.
//!
//! This is one file because it is one `match` for each machine.

use std::sync::{Arc, PoisonError};

use super::{System, call_guard::CallGuard};
use crate::actors::{
    actor::{
        shell::{Actor, Failure, Interpret},
        trace::Trace,
    },
    call::{cell::Call, request::Outcome, stage::CallStage, work_end::WatchReply},
    command::{
        machine::CommandMachine,
        messages::{CommandEffect, CommandEvent},
    },
    deadlines::machine::Alarm,
    executor::machine::{ExecutorEffect, ExecutorEvent, ExecutorMachine},
    ids::{Name, Released},
    supervisor::machine::{GATE, SupervisorEffect, SupervisorEvent, SupervisorMachine},
    window::{
        machine::WindowMachine,
        messages::{WindowEffect, WindowEvent},
    },
};
use crate::{
    error::{CallError, ErrorCode},
    sync::clock,
};

macro_rules! contain_panics {
    () => {
        fn panicked(self: &Arc<Self>, what: &str) {
            self.count(crate::actors::metrics::counters::Count::Panic);
            log::error!("an actor panicked and is restarted: {what}");
        }

        fn trace(&self) -> &Trace {
            &self.trace
        }
    };
}
pub(crate) use contain_panics;

impl Interpret<SupervisorMachine> for System {
    contain_panics!();

    fn restart(
        self: &Arc<Self>,
        actor: &Actor<SupervisorMachine>,
        failure: &Failure,
    ) -> Vec<SupervisorEffect> {
        self.restart_supervisor(actor, failure)
    }

    fn carry_out(self: &Arc<Self>, effect: SupervisorEffect) {
        match effect {
            SupervisorEffect::OpenWindow { window } => {
                let generation = window.generation;
                if !self.tell_window(&window.label, WindowEvent::Opened { generation }) {
                    let label = window.label.clone();
                    let machine = WindowMachine::new(window, self.limits.calls_per_window);
                    self.windows.insert(label, self.own_actor(machine));
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
                detach,
                scope,
            } => {
                if let Some(cell) = self.calls.get(&call) {
                    cell.stage.reach(CallStage::Routed);
                }
                let event = WindowEvent::Admit {
                    call,
                    page,
                    command,
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
                    self.own_actor(machine)
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
            SupervisorEffect::Failed => self.give_up("the supervisor"),
        }
    }
}

impl Interpret<WindowMachine> for System {
    contain_panics!();

    fn restart(
        self: &Arc<Self>,
        actor: &Actor<WindowMachine>,
        failure: &Failure,
    ) -> Vec<WindowEffect> {
        self.restart_window(actor, failure)
    }

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
            WindowEffect::BeginAnew { label, epoch } => self.page.begin_anew(&label, epoch),
            WindowEffect::Request { call, command } => self.request(call, &command),
            WindowEffect::Refuse { call, error } => self.refuse_unadmitted(call, error),
            WindowEffect::Attach { call, to } => self.attach(call, to),
            WindowEffect::Replay { call, of } => self.attach(call, of),
            WindowEffect::Forget { call } => self.forget(call),
            WindowEffect::Watch { ticket, call } => {
                match self.call(call).map(|it| it.watch(ticket)) {
                    Some(WatchReply::Waits) => {}
                    Some(WatchReply::Ended(how)) => self.page.released(ticket, Ok(how)),
                    Some(WatchReply::Full) => {
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
            WindowEffect::AskOpening { label } => self.tell(SupervisorEvent::AskOpening { label }),
            WindowEffect::Empty { window } => self.tell(SupervisorEvent::Empty { window }),
        }
    }
}

impl Interpret<CommandMachine> for System {
    contain_panics!();

    fn restart(
        self: &Arc<Self>,
        actor: &Actor<CommandMachine>,
        failure: &Failure,
    ) -> Vec<CommandEffect> {
        self.restart_command(actor, failure)
    }

    fn carry_out(self: &Arc<Self>, effect: CommandEffect) {
        match effect {
            CommandEffect::Dispatch {
                command,
                call,
                executor,
            } => {
                if !self.dispatch(call, &executor) {
                    let text = format!("there is no executor `{executor}`");
                    let error = CallError::new(ErrorCode::Unavailable, text);
                    if let Some(cell) = self.call(call) {
                        self.settle(&cell, Outcome::Error(error));
                    }
                    self.tell_command(&command, CommandEvent::Finished { call });
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
            CommandEffect::Rest { command, after } => {
                if let Some(actor) = self.commands.get(&command) {
                    actor.wake(clock::now() + after, CommandEvent::Rested);
                }
            }
            CommandEffect::AskRegistration { command } => {
                self.tell(SupervisorEvent::AskRegistration { command });
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

    fn restart(
        self: &Arc<Self>,
        actor: &Actor<ExecutorMachine>,
        failure: &Failure,
    ) -> Vec<ExecutorEffect> {
        self.restart_executor(actor, failure)
    }

    fn carry_out(self: &Arc<Self>, effect: ExecutorEffect) {
        let transport = |executor: &Name| {
            let handle = self.executors.get(executor);
            handle.map(|handle| Arc::clone(&handle.transport))
        };
        match effect {
            ExecutorEffect::Start { executor, call } => {
                let undecided = |cell: &Arc<Call>| !cell.is_settled();
                match (transport(&executor), self.call(call).filter(undecided)) {
                    (Some(transport), Some(cell)) => {
                        transport.start(CallGuard::new(Arc::<Self>::clone(self), executor, cell));
                    }
                    // Its code would not begin any more. Where it was answered because an actor was
                    // restarted, its release may be on the way, and no stop comes after that.
                    _ => drop(self.tell_executor(&executor, ExecutorEvent::Finished { call })),
                }
            }
            ExecutorEffect::Stop { executor, call } => {
                if let (Some(transport), Some(cell)) = (transport(&executor), self.call(call)) {
                    cell.mark_cancelled();
                    self.bound_clean_up(&cell);
                    transport.stop_call(&cell);
                }
            }
            ExecutorEffect::Refuse { call, error } => {
                if let Some(cell) = self.call(call) {
                    self.settle(&cell, Outcome::Error(error));
                }
            }
            ExecutorEffect::Done { call } => {
                if !self.tell_command_of(call, CommandEvent::Finished { call }) {
                    // The command is gone: it was restarted after it had said that it may go.
                    self.release(call);
                }
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
            ExecutorEffect::Failed { executor } => {
                self.give_up(&format!("the executor `{executor}`"));
            }
        }
    }
}
