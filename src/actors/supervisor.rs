//! The supervisor: the root. Routes calls, opens and closes windows, drains at exit.
//!
//! ```text
//! running --drain--> draining --last call released, executors stopped--> stopped
//! ```

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    load::Load,
    machine::Machine,
    message::{CallKey, Name, PageCall, WindowKey},
    policy::{CommandSpec, OnClose},
    scope::Scope,
    system::Limits,
    window_message::WindowEvent,
};
use crate::error::CallError;

/// The name under which one handler takes every command.
pub(super) const ANY_COMMAND: &str = "*";

/// The name of the gate, which takes every command while they are not known yet. No command has it.
pub(super) const GATE: &str = "";

/// What can happen to the supervisor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum SupervisorEvent {
    /// A window opened.
    Open { label: Name },
    /// A window is gone.
    Close { label: Name },
    /// A closed window holds no call any more.
    Empty { window: WindowKey },
    /// A call arrived.
    Route {
        call: CallKey,
        label: Name,
        page: PageCall,
        command: Name,
        scope: Arc<Scope>,
        /// Of its body.
        bytes: usize,
    },
    /// A message for a window, behind its opening.
    Page { label: Name, event: WindowEvent },
    /// The body of a call has been taken.
    Started { call: CallKey },
    /// A result of that many bytes is on its way.
    Answered { call: CallKey, bytes: usize },
    /// The result is with its page.
    HandedOver { call: CallKey },
    /// A call's work ended.
    Released { call: CallKey },
    /// A command is registered, or anew.
    Register {
        command: Name,
        spec: Box<CommandSpec>,
    },
    /// A command is no longer registered.
    Unregister { command: Name },
    /// Nothing of a command runs since it was taken away as `retirement` said.
    Unused { command: Name, retirement: u64 },
    /// Commands are not known yet: their calls are held. False: they are known.
    Hold { hold: bool },
    /// An executor came up.
    ExecutorUp { executor: Name },
    /// An executor ended.
    ExecutorDown { executor: Name },
    /// The app ends.
    Drain,
}

/// What the supervisor asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum SupervisorEffect {
    /// Start the actor of a window, or tell the one of this label that it is open again.
    OpenWindow { window: WindowKey },
    /// Tell the actor of a window that it is gone.
    CloseWindow { label: Name },
    /// Forget the actor of a window: it is closed and empty.
    DropWindow { label: Name },
    /// Pass a message to a window.
    Page { label: Name, event: WindowEvent },
    /// Ask the window to admit the call.
    Admit {
        call: CallKey,
        label: Name,
        page: PageCall,
        command: Name,
        known: bool,
        detach: bool,
        scope: Arc<Scope>,
    },
    /// Answer a call with an error; it never ran.
    Refuse { call: CallKey, error: CallError },
    /// Start the actor of a command, or tell the one of this name how it is run now.
    ServeCommand {
        command: Name,
        spec: Box<CommandSpec>,
    },
    /// Pass on the calls that were held.
    OpenGate,
    /// Tell the actor of a command that it is no longer registered.
    RetireCommand { command: Name, retirement: u64 },
    /// Forget the actor of a command, of which nothing runs.
    DropCommand { command: Name },
    /// Drain an executor.
    DrainExecutor { executor: Name },
    /// Nothing runs any more.
    Drained,
}

#[derive(Debug)]
struct Opening {
    generation: u64,
    open: bool,
}

/// See the module's text.
#[derive(Debug)]
pub struct SupervisorMachine {
    draining: bool,
    drained: bool,
    generations: u64,
    /// Open windows, and closed ones until they are empty.
    windows: BTreeMap<Name, Opening>,
    commands: HashSet<Name>,
    /// Those that are no longer registered, and whose actors are not forgotten yet: which of all
    /// retirements was theirs. An actor may tell of an earlier one when it is registered and taken
    /// away once more already.
    retired: HashMap<Name, u64>,
    retirements: u64,
    /// Those of them whose calls outlive their page.
    detaching: HashSet<Name>,
    executors: BTreeSet<Name>,
    load: Load,
}

impl SupervisorMachine {
    /// An app without windows.
    pub fn new(limits: Limits) -> Self {
        Self {
            draining: false,
            drained: false,
            generations: 0,
            windows: BTreeMap::new(),
            commands: HashSet::new(),
            retired: HashMap::new(),
            retirements: 0,
            detaching: HashSet::new(),
            executors: BTreeSet::new(),
            load: Load::new(limits),
        }
    }

    /// How many calls the app holds.
    pub fn held(&self) -> usize {
        self.load.calls()
    }

    /// Bytes of the bodies of calls that wait.
    pub fn queued_bytes(&self) -> usize {
        self.load.queued_bytes()
    }

    /// Bytes of the results on their way to their pages.
    pub fn result_bytes(&self) -> usize {
        self.load.result_bytes()
    }

    /// Whether the calls of a command outlive their page.
    pub fn detaches(&self, command: &Name) -> bool {
        self.detaching.contains(command)
    }

    fn open(&mut self, label: Name, effects: &mut Vec<SupervisorEffect>) {
        if self.draining || self.is_open(&label) {
            return;
        }
        self.generations += 1;
        let generation = self.generations;
        let opening = Opening {
            generation,
            open: true,
        };
        self.windows.insert(label.clone(), opening);
        let window = WindowKey { label, generation };
        effects.push(SupervisorEffect::OpenWindow { window });
    }

    fn is_open(&self, label: &Name) -> bool {
        self.windows.get(label).is_some_and(|window| window.open)
    }

    fn empty(
        &mut self,
        WindowKey { label, generation }: WindowKey,
        effects: &mut Vec<SupervisorEffect>,
    ) {
        // It may have opened again since.
        let gone = |window: &Opening| !window.open && window.generation == generation;
        if self.windows.get(&label).is_some_and(gone) {
            self.windows.remove(&label);
            effects.push(SupervisorEffect::DropWindow { label });
        }
    }

    fn drain(&mut self, effects: &mut Vec<SupervisorEffect>) {
        if std::mem::replace(&mut self.draining, true) {
            return;
        }
        let executors = self.executors.iter().cloned();
        effects.extend(executors.map(|executor| SupervisorEffect::DrainExecutor { executor }));
        for (label, window) in &mut self.windows {
            if std::mem::replace(&mut window.open, false) {
                let label = label.clone();
                effects.push(SupervisorEffect::CloseWindow { label });
            }
        }
        self.finish_drain(effects);
    }

    fn finish_drain(&mut self, effects: &mut Vec<SupervisorEffect>) {
        let done = self.draining && self.load.calls() == 0 && self.executors.is_empty();
        if done && !std::mem::replace(&mut self.drained, true) {
            effects.push(SupervisorEffect::Drained);
        }
    }
}

impl Machine for SupervisorMachine {
    type Event = SupervisorEvent;
    type Effect = SupervisorEffect;
    const KIND: &'static str = "supervisor";

    fn call_of(event: &SupervisorEvent) -> Option<CallKey> {
        match event {
            SupervisorEvent::Route { call, .. }
            | SupervisorEvent::Started { call }
            | SupervisorEvent::Answered { call, .. }
            | SupervisorEvent::HandedOver { call }
            | SupervisorEvent::Released { call } => Some(*call),
            _ => None,
        }
    }

    fn step(&mut self, event: SupervisorEvent, effects: &mut Vec<SupervisorEffect>) {
        match event {
            SupervisorEvent::Open { label } => self.open(label, effects),
            SupervisorEvent::Close { label } => {
                let window = self.windows.get_mut(&label);
                if window.is_some_and(|window| std::mem::replace(&mut window.open, false)) {
                    effects.push(SupervisorEffect::CloseWindow { label });
                }
            }
            SupervisorEvent::Empty { window } => self.empty(window, effects),
            SupervisorEvent::Route {
                call,
                label,
                page,
                command,
                scope,
                bytes,
            } => {
                let admission = if self.draining {
                    Err(CallError::shutting_down())
                } else if !self.is_open(&label) {
                    Err(CallError::window_closed())
                } else {
                    self.load.admit(call, bytes)
                };
                if let Err(error) = admission {
                    return effects.push(SupervisorEffect::Refuse { call, error });
                }
                effects.push(SupervisorEffect::Admit {
                    call,
                    label,
                    page,
                    known: [&*command, ANY_COMMAND, GATE]
                        .iter()
                        .any(|name| self.commands.contains(*name)),
                    detach: self.detaches(&command),
                    command,
                    scope,
                });
            }
            SupervisorEvent::Page { label, event } => {
                effects.push(SupervisorEffect::Page { label, event });
            }
            SupervisorEvent::Started { call } => self.load.started(call),
            SupervisorEvent::Answered { call, bytes } => self.load.answered(call, bytes),
            SupervisorEvent::HandedOver { call } => self.load.handed_over(call),
            SupervisorEvent::Released { call } => {
                self.load.released(call);
                self.finish_drain(effects);
            }
            SupervisorEvent::Register { command, spec } => {
                match spec.on_close {
                    OnClose::Detach => self.detaching.insert(command.clone()),
                    OnClose::Cancel => self.detaching.remove(&command),
                };
                self.commands.insert(command.clone());
                self.retired.remove(&command);
                effects.push(SupervisorEffect::ServeCommand { command, spec });
            }
            SupervisorEvent::Unregister { command } => {
                self.detaching.remove(&command);
                if self.commands.remove(&command) {
                    self.retirements += 1;
                    let retirement = self.retirements;
                    self.retired.insert(command.clone(), retirement);
                    effects.push(SupervisorEffect::RetireCommand {
                        command,
                        retirement,
                    });
                }
            }
            SupervisorEvent::Unused {
                command,
                retirement,
            } => {
                // It may have been registered again since, and taken away once more.
                if self.retired.get(&command) == Some(&retirement) {
                    self.retired.remove(&command);
                    effects.push(SupervisorEffect::DropCommand { command });
                }
            }
            SupervisorEvent::Hold { hold: true } => {
                self.commands.insert(GATE.into());
            }
            SupervisorEvent::Hold { hold: false } => {
                self.commands.remove(GATE);
                effects.push(SupervisorEffect::OpenGate);
            }
            SupervisorEvent::ExecutorUp { executor } => {
                self.executors.insert(executor.clone());
                if self.draining {
                    effects.push(SupervisorEffect::DrainExecutor { executor });
                }
            }
            SupervisorEvent::ExecutorDown { executor } => {
                self.executors.remove(&executor);
                self.finish_drain(effects);
            }
            SupervisorEvent::Drain => self.drain(effects),
        }
    }
}

#[cfg(test)]
#[path = "supervisor_tests.rs"]
mod tests;
