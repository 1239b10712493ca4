//! Decides which calls the app admits, opens and closes windows, and stops admission at exit.
//!
//! This is the root of all actors.
//!
//! ```text
//! running --drain--> draining --last call released, executors stopped--> stopped
//! ```

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::actors::{
    actor::machine::Machine,
    command::spec::{CommandSpec, OnClose},
    ids::{CallKey, Name, PageCall, WindowKey},
    limits::{Limits, Load},
    window::{messages::WindowEvent, scope::Scope},
};
use crate::error::CallError;

/// The name of a command that takes the calls of all names.
pub(crate) const ANY_COMMAND: &str = "*";

/// The name of the gate, which takes all calls while the commands are not known. No command has it.
pub(crate) const GATE: &str = "";

/// The actors that may grant the calls of a command: the first of them that serves does. A gate
/// passes them on later.
pub(crate) const fn granters(command: &str) -> [&str; 3] {
    [command, ANY_COMMAND, GATE]
}

/// What can happen to the supervisor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum SupervisorEvent {
    /// A window opened.
    Open { label: Name },
    /// A window was closed.
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
        /// The bytes of its body.
        bytes: usize,
    },
    /// A message for a window, which must not overtake its opening.
    Page { label: Name, event: WindowEvent },
    /// The body of a call was taken, and was not small.
    Started { call: CallKey },
    /// A result of that many bytes is in transit to its page.
    Answered { call: CallKey, bytes: usize },
    /// The page has the result.
    HandedOver { call: CallKey },
    /// A call's work ended.
    Released { call: CallKey },
    /// A command was registered, perhaps not for the first time.
    Register {
        command: Name,
        spec: Box<CommandSpec>,
    },
    /// A command is no longer registered.
    Unregister { command: Name },
    /// No call of a command has run since the retirement of this number.
    Unused { command: Name, retirement: u64 },
    /// The commands are known now: pass on the calls that were held until then.
    OpenGate,
    /// A window was restarted, and may have lost the news of its latest opening or closing.
    AskOpening { label: Name },
    /// A command was restarted, and may have lost the news that it is not registered any more.
    AskRegistration { command: Name },
    /// An executor came up.
    ExecutorUp { executor: Name },
    /// An executor ended.
    ExecutorDown { executor: Name },
    /// The app is about to end.
    Drain,
}

/// What the supervisor asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum SupervisorEffect {
    /// Start the actor of a window, or tell the existing one of this label that it is open again.
    OpenWindow { window: WindowKey },
    /// Tell the actor of a window that the window is closed.
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
        detach: bool,
        scope: Arc<Scope>,
    },
    /// Answer a call with an error; it never ran.
    Refuse { call: CallKey, error: CallError },
    /// Start the actor of a command, or give the existing one of this name its new options.
    ServeCommand {
        command: Name,
        spec: Box<CommandSpec>,
    },
    /// Pass on the calls that the gate holds.
    OpenGate,
    /// Tell the actor of a command that it is no longer registered.
    RetireCommand { command: Name, retirement: u64 },
    /// Forget the actor of a command that has no running calls.
    DropCommand { command: Name },
    /// Drain an executor.
    DrainExecutor { executor: Name },
    /// Nothing runs any more, so the app may end.
    Drained,
    /// It was restarted too often: the app cannot go on.
    Failed,
}

#[derive(Debug)]
struct Opening {
    generation: u64,
    open: bool,
}

/// What was decided of a command that has an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Registration {
    /// It is registered. `detaches`: its calls outlive their page.
    Current { detaches: bool },
    /// It is not registered any more since the retirement of this number. The number is needed
    /// because a command may be registered and retired again before its actor reports an earlier
    /// retirement.
    Retired(u64),
}

/// The state of the supervisor.
#[derive(Debug)]
pub struct SupervisorMachine {
    draining: bool,
    drained: bool,
    generations: u64,
    /// Open windows, and closed ones until they are empty.
    windows: BTreeMap<Name, Opening>,
    commands: HashMap<Name, Registration>,
    retirements: u64,
    executors: BTreeSet<Name>,
    load: Load,
}

impl SupervisorMachine {
    /// Creates a supervisor without windows.
    pub fn new(limits: Limits) -> Self {
        Self {
            draining: false,
            drained: false,
            generations: 0,
            windows: BTreeMap::new(),
            commands: HashMap::new(),
            retirements: 0,
            executors: BTreeSet::new(),
            load: Load::new(limits),
        }
    }

    /// The latest opening of a window, and whether it lasts. `None`: nothing of it is left.
    pub fn opening(&self, label: &Name) -> Option<(WindowKey, bool)> {
        let opening = self.windows.get(label)?;
        let key = WindowKey {
            label: label.clone(),
            generation: opening.generation,
        };
        Some((key, opening.open))
    }

    /// Whether the app is about to end.
    pub fn is_draining(&self) -> bool {
        self.draining
    }

    /// How many calls the app holds.
    pub fn held(&self) -> usize {
        self.load.calls()
    }

    /// Bytes of the results in transit to their pages.
    pub fn result_bytes(&self) -> usize {
        self.load.result_bytes()
    }

    /// Whether the calls of a command outlive their page.
    pub fn detaches(&self, command: &Name) -> bool {
        let registration = self.commands.get(command);
        registration == Some(&Registration::Current { detaches: true })
    }

    fn register(
        &mut self,
        command: Name,
        spec: Box<CommandSpec>,
        effects: &mut Vec<SupervisorEffect>,
    ) {
        let detaches = spec.on_close == OnClose::Detach;
        self.commands
            .insert(command.clone(), Registration::Current { detaches });
        effects.push(SupervisorEffect::ServeCommand { command, spec });
    }

    fn unregister(&mut self, command: Name, effects: &mut Vec<SupervisorEffect>) {
        let Some(registration) = self.commands.get_mut(&command) else {
            return;
        };
        if matches!(registration, Registration::Current { .. }) {
            self.retirements += 1;
            let retirement = self.retirements;
            *registration = Registration::Retired(retirement);
            effects.push(SupervisorEffect::RetireCommand {
                command,
                retirement,
            });
        }
    }

    fn unused(&mut self, command: Name, retirement: u64, effects: &mut Vec<SupervisorEffect>) {
        // It may have been registered again since, and taken away once more.
        if self.commands.get(&command) == Some(&Registration::Retired(retirement)) {
            self.commands.remove(&command);
            effects.push(SupervisorEffect::DropCommand { command });
        }
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
            SupervisorEvent::Register { command, spec } => self.register(command, spec, effects),
            SupervisorEvent::Unregister { command } => self.unregister(command, effects),
            SupervisorEvent::Unused {
                command,
                retirement,
            } => self.unused(command, retirement, effects),
            SupervisorEvent::OpenGate => effects.push(SupervisorEffect::OpenGate),
            SupervisorEvent::AskOpening { label } => self.say_opening(&label, effects),
            SupervisorEvent::AskRegistration { command } => {
                self.say_registration(command, effects);
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

pub(crate) mod restart;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
