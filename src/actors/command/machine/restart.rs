//! Rebuilds the state of a command whose machine panicked, from its calls.

use super::{CommandEffect, CommandMachine, REST};
use crate::actors::{
    command::key::Keys,
    ids::{CallKey, Name},
};
use crate::error::CallError;

/// What a command that is restarted learns of one of its calls.
#[derive(Debug, Clone)]
pub struct CallAtCommand {
    /// Its key.
    pub call: CallKey,
    /// The executor that it went to. `None`: it waits for its permit.
    pub executor: Option<Name>,
    /// Its keys.
    pub keys: Keys,
}

impl CommandMachine {
    /// Creates the state of a command whose machine panicked: its calls are answered and stopped.
    /// Those that an executor has keep their permits until they end. The supervisor is asked to say
    /// again whether the command is registered, as that news may be what panicked.
    pub fn restarted(
        &self,
        calls: Vec<CallAtCommand>,
        too_often: bool,
    ) -> (Self, Vec<CommandEffect>) {
        let mut fresh = Self::new(self.name.clone(), self.spec.clone());
        (fresh.closed, fresh.retired) = (self.closed.clone(), self.retired);
        let mut effects = Vec::new();
        for CallAtCommand {
            call,
            executor,
            keys,
        } in calls
        {
            let error = CallError::restarted("command");
            let Some(executor) = executor else {
                effects.push(CommandEffect::Refuse { call, error });
                continue;
            };
            fresh.hold(call, keys, executor.clone());
            effects.push(CommandEffect::Cancel {
                call,
                executor,
                error,
            });
        }
        fresh.say_when_over(&mut effects);
        let command = fresh.name.clone();
        effects.push(if too_often {
            fresh.resting = true;
            let after = REST;
            CommandEffect::Rest { command, after }
        } else {
            CommandEffect::AskRegistration { command }
        });
        (fresh, effects)
    }
}
