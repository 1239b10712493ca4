//! Delivers messages to the actors, and settles and releases calls. It makes no decisions itself.

use std::sync::Arc;

use super::{System, call_guard::CallKeeper, page_link::PageLink};
use crate::actors::{
    actor::shell::Actor,
    call::{
        cell::Call,
        request::{Outcome, Progress},
        stage::CallStage,
        stopping::{StopStep, Stopping, steps},
    },
    command::{
        key::{KeySource, Keys},
        machine::CommandMachine,
        messages::CommandEvent,
    },
    executor::machine::ExecutorEvent,
    ids::{CallKey, Name, Released},
    jobs::machine::JobEvent,
    metrics::observe::Ended,
    supervisor::machine::{GATE, SupervisorEvent, granters},
    window::messages::WindowEvent,
};
use crate::error::CallError;

/// The keys by which `command` keeps this call apart from its others.
pub(super) fn keys_of(
    call: &Call,
    command: &str,
    sources: &[KeySource; 2],
) -> Result<Keys, CallError> {
    let [permit, queue] = sources;
    let key = call.key_of(permit, command)?;
    let queue = match queue == permit {
        true => key.clone(),
        false => call.key_of(queue, command)?,
    };
    Ok(Keys { permit: key, queue })
}

/// The actor that grants the calls of a command.
pub(crate) struct Granting {
    name: Name,
    actor: Arc<Actor<CommandMachine>>,
    /// The sources of its calls' keys, `permit` and `queue`.
    pub(super) keys: [KeySource; 2],
    pub(super) executor: Name,
}

impl System {
    // Messages.

    pub(crate) fn tell(self: &Arc<Self>, event: SupervisorEvent) {
        self.supervisor.send(self, event);
    }

    pub(crate) fn tell_page(self: &Arc<Self>, label: &str, event: WindowEvent) {
        let label = label.into();
        self.tell(SupervisorEvent::Page { label, event });
    }

    pub(crate) fn tell_window(self: &Arc<Self>, label: &str, event: WindowEvent) -> bool {
        let actor = self.windows.get(label).map(|actor| Arc::clone(&actor));
        actor.map(|actor| actor.send(self, event)).is_some()
    }

    pub(crate) fn tell_command(self: &Arc<Self>, name: &str, event: CommandEvent) -> bool {
        let actor = self.commands.get(name).map(|actor| Arc::clone(&actor));
        actor.map(|actor| actor.send(self, event)).is_some()
    }

    /// Passes an admitted call to the actor that grants it. All later messages about the call go
    /// there too.
    pub(crate) fn request(self: &Arc<Self>, key: CallKey, command: &Name) {
        let Some(call) = self.call(key) else {
            return;
        };
        call.stage.reach(CallStage::Requested);
        if let Some(job) = call.request.attach {
            return self.tell_jobs(JobEvent::Attach { call: key, job });
        }
        let Some(Granting {
            name, actor, keys, ..
        }) = self.granting(command)
        else {
            return self.refuse_admitted(key, CallError::unknown_command(command));
        };
        // The gate passes the call on, so the choice is still to be made.
        if &*name != GATE {
            call.command.get_or_init(|| name.clone());
        }
        let event = CommandEvent::Request {
            call: key,
            window: call.request.window.clone(),
            class: call.request.class,
            keys: keys_of(&call, &name, &keys),
            timeout: call.request.timeout,
        };
        actor.send(self, event);
    }

    /// Finds the actor that grants the calls of a command. One that is retired meanwhile refuses
    /// them by itself.
    pub(crate) fn granting(&self, command: &str) -> Option<Granting> {
        granters(command).into_iter().find_map(|name| {
            let entry = self.commands.get(name)?;
            let (keys, executor) = entry.look(CommandMachine::serves)?;
            Some(Granting {
                name: entry.key().clone(),
                actor: Arc::clone(&entry),
                keys,
                executor,
            })
        })
    }

    pub(crate) fn tell_executor(self: &Arc<Self>, name: &str, event: ExecutorEvent) -> bool {
        let actor = self.executors.get(name).map(|it| Arc::clone(&it.actor));
        actor.map(|actor| actor.send(self, event)).is_some()
    }

    pub(crate) fn dispatch(self: &Arc<Self>, call: CallKey, executor: &str) -> bool {
        let live = |cell: &Arc<Call>| !cell.is_released();
        let Some(cell) = self.call(call).filter(live) else {
            return false;
        };
        let Some(actor) = self.executors.get(executor).map(|handle| {
            cell.stage.dispatch(handle.key());
            Arc::clone(&handle.actor)
        }) else {
            return false;
        };
        let event = ExecutorEvent::Dispatch {
            call,
            window: cell.request.window.clone(),
            class: cell.request.class,
        };
        actor.send(self, event);
        true
    }

    pub(crate) fn tell_command_of(self: &Arc<Self>, key: CallKey, event: CommandEvent) -> bool {
        self.call(key).is_some_and(|call| {
            let name = call.command.get().map_or(GATE, |name| name);
            self.tell_command(name, event)
        })
    }

    // The ends of calls.

    /// Settles a call whose work goes on, or ends later.
    pub(crate) fn settle(self: &Arc<Self>, call: &Arc<Call>, outcome: Outcome) {
        self.decide(call, outcome, None::<fn()>);
    }

    /// Settles a call whose work ends with it. `end` ends the work before the page hears, so that
    /// the page's next call finds this one's place free. A job gets its outcome first.
    pub(crate) fn settle_and_end(
        self: &Arc<Self>,
        call: &Arc<Call>,
        outcome: Outcome,
        end: impl FnOnce(),
    ) {
        self.decide(call, outcome, Some(end));
    }

    fn decide(
        self: &Arc<Self>,
        call: &Arc<Call>,
        outcome: Outcome,
        mut end: Option<impl FnOnce()>,
    ) {
        let outcome = self.fit(outcome);
        self.weigh(call, &outcome);
        let ended = Ended::with(&outcome);
        let goes_on = end.is_none();
        if let Some(decided) = call.decide(outcome) {
            self.forget_deadlines(call);
            self.tell_observers(|| self.note_answer(call, ended));
            if let Some(end) = end.take_if(|_| !call.is_job()) {
                end();
            }
            call.answer(decided);
            let releases = call.take_release();
            if goes_on && !releases {
                // Otherwise the window hears of the end of the work, which says this too.
                let event = WindowEvent::Settled { call: call.key() };
                self.tell_window(&call.request.window, event);
            }
            if call.is_job() {
                self.job_ended(call);
            }
            if releases {
                self.release(call.key());
            }
        }
        if let Some(end) = end {
            end();
        }
        // Handed over, unless a responder has taken it.
        drop(call.take_result_hold());
    }

    /// Answers these calls with this error now, and stops their work.
    pub(crate) fn stop(self: &Arc<Self>, calls: &[CallKey], error: &CallError) {
        let cells = calls.iter().filter_map(|&call| self.call(call));
        let stopping = cells.map(|call| Stopping {
            begun: call.begun(),
            job: call.request.attach,
            call,
        });
        for step in steps(stopping.collect()) {
            match step {
                StopStep::Answer(call) => self.settle(&call, Outcome::Error(error.clone())),
                StopStep::Leave(call, job) => self.leave(&call, job, error.clone()),
                StopStep::Stop(call) => {
                    // Work that sees the mark gives up, with a lesser reason: it comes after the
                    // answer.
                    call.mark_cancelled();
                    let call = call.key();
                    self.tell_command_of(call, CommandEvent::Cancel { call });
                }
            }
        }
    }

    /// Answers and drops a call that was never admitted.
    pub(crate) fn refuse_unadmitted(self: &Arc<Self>, key: CallKey, error: CallError) {
        if let Some((_, call)) = self.calls.remove(&key) {
            let outcome = Outcome::Error(error);
            self.tell_observers(|| self.note_answer(&call, Ended::with(&outcome)));
            call.settle(outcome);
        }
        self.tell(SupervisorEvent::Released { call: key });
    }

    /// Answers an admitted call that will not run, and gives its place back.
    pub(crate) fn refuse_admitted(self: &Arc<Self>, key: CallKey, error: CallError) {
        if let Some(call) = self.call(key) {
            self.settle_and_end(&call, Outcome::Error(error), || {});
        }
        self.release(key);
    }

    /// Frees the call's places in its window and in the app, because its work ended.
    pub(crate) fn release(self: &Arc<Self>, key: CallKey) {
        let live = |call: &Arc<Call>| !call.is_released();
        if let Some(call) = self.call(key).filter(live) {
            self.forget_deadlines(&call);
            let how = call.how_it_ended();
            if call.puts_off_release() {
                return self.end(&call, how);
            }
            if !call.is_settled() {
                self.settle_and_end(&call, Outcome::Error(CallError::aborted()), || {});
            }
            // First: who is told of the end finds the call in no list any more.
            let is_done = call.mark_released();
            let event = WindowEvent::Released { call: key, how };
            self.tell_window(&call.request.window, event);
            self.end(&call, how);
            self.tell_observers(|| self.note_end(&call));
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
    pub(crate) fn end(&self, call: &Call, how: Released) {
        for ticket in call.end(how) {
            self.page.released(ticket, Ok(how));
        }
    }

    pub(crate) fn forget(&self, key: CallKey) {
        if self.call(key).is_some_and(|call| call.mark_forgotten()) {
            self.calls.remove(&key);
        }
    }

    /// Gives `repeat` the outcome of `original`.
    pub(crate) fn attach(self: &Arc<Self>, repeat: CallKey, original: CallKey) {
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

impl CallKeeper for System {
    fn taken_on(&self, call: &Call, executor: &Name) {
        self.tell_observers(|| call.timing.take_on(executor));
    }

    fn body_taken(self: Arc<Self>, call: CallKey) {
        self.tell(SupervisorEvent::Started { call });
    }

    fn settle(self: Arc<Self>, call: &Arc<Call>, outcome: Outcome) {
        Self::settle(&self, call, outcome);
    }

    fn settle_and_end(self: Arc<Self>, call: &Arc<Call>, outcome: Outcome, end: &mut dyn FnMut()) {
        Self::settle_and_end(&self, call, outcome, end);
    }

    fn job_progress(&self, job: &Call, progress: &Progress) {
        Self::job_progress(self, job, progress);
    }

    fn finished(self: Arc<Self>, call: CallKey, executor: &str) {
        self.tell_executor(executor, ExecutorEvent::Finished { call });
    }

    fn page(&self) -> &dyn PageLink {
        &*self.page
    }
}
