//! Rebuilds the state of a supervisor whose machine panicked, from what the other actors know, and
//! says to actors that were restarted what was decided of them.

use std::collections::BTreeMap;

use super::{Opening, Registration, SupervisorEffect, SupervisorMachine};
use crate::actors::ids::{CallKey, Name, WindowKey};
use crate::error::CallError;

/// What a supervisor that is restarted learns of the app.
#[derive(Debug, Default)]
pub struct Survey {
    /// The opening of which each window has heard.
    pub windows: Vec<WindowKey>,
    /// The commands, with the retirement of which each has heard.
    pub commands: Vec<(Name, Option<u64>)>,
    /// The executors.
    pub executors: Vec<Name>,
    /// The admitted calls whose work has not ended, and the bytes of their bodies that wait.
    pub calls: Vec<(CallKey, usize)>,
    /// A call that was on its way here, and is not admitted.
    pub lost: Option<CallKey>,
    /// Whether those who wait for the end of the app have heard of it.
    pub drained: bool,
}

impl SupervisorMachine {
    /// Creates the state of a supervisor whose machine panicked, from what the other actors know.
    /// Only the call whose message was handled is lost.
    pub fn restarted(&self, survey: Survey, too_often: bool) -> (Self, Vec<SupervisorEffect>) {
        let mut fresh = Self::new(self.load.limits());
        let mut effects = Vec::new();
        fresh.drained = survey.drained;
        fresh.generations = self.generations;
        fresh.retirements = self.retirements;
        fresh.take_windows(&self.windows, survey.windows);
        fresh.take_commands(self, survey.commands);
        if !too_often {
            // Else an answer may be what panics.
            fresh.say_again(&mut effects);
        }
        fresh.executors = survey.executors.into_iter().collect();
        for (call, bytes) in survey.calls {
            fresh.load.readmit(call, bytes);
        }
        if let Some(call) = survey.lost {
            let error = CallError::restarted("supervisor");
            effects.push(SupervisorEffect::Refuse { call, error });
        }
        if self.draining {
            fresh.drain(&mut effects);
        }
        if too_often {
            effects.push(SupervisorEffect::Failed);
        }
        (fresh, effects)
    }

    /// Takes the windows over. What was decided of them holds.
    fn take_windows(&mut self, decided: &BTreeMap<Name, Opening>, there: Vec<WindowKey>) {
        for (label, &Opening { generation, open }) in decided {
            let is_there = there.iter().any(|window| window.label == *label);
            // Else it was about to be forgotten.
            if open || is_there {
                let opening = Opening { generation, open };
                self.windows.insert(label.clone(), opening);
            }
        }
        for WindowKey { label, generation } in there {
            let closed = Opening {
                generation,
                open: false,
            };
            self.windows.entry(label).or_insert(closed);
        }
    }

    /// Takes the commands over. What `old` had decided of them holds.
    fn take_commands(&mut self, old: &Self, there: Vec<(Name, Option<u64>)>) {
        for (command, retirement) in there {
            let heard = match retirement {
                Some(retirement) => Registration::Retired(retirement),
                None => Registration::Current { detaches: false },
            };
            let decided = old.commands.get(&command).copied();
            self.commands.insert(command, decided.unwrap_or(heard));
        }
    }

    /// Says what was decided once more: it may not have reached the windows and the commands, and
    /// what they answered may not have come.
    fn say_again(&self, effects: &mut Vec<SupervisorEffect>) {
        for label in self.windows.keys() {
            self.say_opening(label, effects);
        }
        for command in self.commands.keys() {
            self.say_registration(command.clone(), effects);
        }
    }

    /// Says the latest opening of a window, and its end, once more.
    pub(super) fn say_opening(&self, label: &Name, effects: &mut Vec<SupervisorEffect>) {
        if let Some((window, open)) = self.opening(label) {
            effects.push(SupervisorEffect::OpenWindow { window });
            if !open {
                let label = label.clone();
                effects.push(SupervisorEffect::CloseWindow { label });
            }
        }
    }

    /// Says once more that a command is not registered, if so.
    pub(super) fn say_registration(&self, command: Name, effects: &mut Vec<SupervisorEffect>) {
        if let Some(&Registration::Retired(retirement)) = self.commands.get(&command) {
            effects.push(SupervisorEffect::RetireCommand {
                command,
                retirement,
            });
        }
    }
}
