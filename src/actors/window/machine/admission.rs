//! Decides whether a window takes a call: one of its document, not seen before, allowed, with room.

use super::{HeldCall, WindowMachine};
use crate::actors::{
    ids::{CallKey, Name, PageCall},
    window::{messages::WindowEffect, scope::Scope, seen_ids::Sight},
};
use crate::error::CallError;

impl WindowMachine {
    pub(super) fn admit(
        &mut self,
        call: CallKey,
        held: HeldCall,
        command: Name,
        scope: &Scope,
        effects: &mut Vec<WindowEffect>,
    ) {
        let page = held.page;
        if page == PageCall::UNNAMED {
            return self.admit_unnamed(call, held, command, scope, effects);
        }
        let of_left = self.left.as_mut().filter(|(epoch, _)| *epoch == page.epoch);
        if let Some((_, seen)) = of_left
            && held.detach
            && !self.closed
        {
            if seen.see(page.id) != Sight::New {
                // Nobody is left to be told that the call was made before.
                let error = CallError::window_closed();
                return effects.push(WindowEffect::Refuse { call, error });
            }
            return self.admit_late(call, held, command, scope, effects);
        }
        if let Err(error) = self.check_document(page.epoch) {
            return effects.push(WindowEffect::Refuse { call, error });
        }
        match self.document.seen.see(page.id) {
            Sight::New => {}
            Sight::Repeat | Sight::Old => return self.repeat(call, page.id, effects),
        }
        if self.document.cancelled_early.remove(&page.id) {
            let error = CallError::aborted();
            return effects.push(WindowEffect::Refuse { call, error });
        }
        if let Some(error) = self.refusal(&command, scope) {
            return effects.push(WindowEffect::Refuse { call, error });
        }
        self.document.live.insert(page.id, call);
        self.held.insert(call, held);
        effects.push(WindowEffect::Request { call, command });
    }

    /// Admits a call of the previous document. A page that goes may save in its `pagehide`, and
    /// that call may arrive after the news that the page went. If such a call outlives its page
    /// anyway, it is a job from the start.
    fn admit_late(
        &mut self,
        call: CallKey,
        held: HeldCall,
        command: Name,
        scope: &Scope,
        effects: &mut Vec<WindowEffect>,
    ) {
        if let Some(error) = self.refusal(&command, scope) {
            return effects.push(WindowEffect::Refuse { call, error });
        }
        self.held.insert(call, HeldCall { job: true, ..held });
        effects.push(WindowEffect::Detach { call });
        effects.push(WindowEffect::Request { call, command });
    }

    /// Admits a call of whatever document the window shows.
    fn admit_unnamed(
        &mut self,
        call: CallKey,
        held: HeldCall,
        command: Name,
        scope: &Scope,
        effects: &mut Vec<WindowEffect>,
    ) {
        let closed = self.closed.then(CallError::window_closed);
        if let Some(error) = closed.or_else(|| self.refusal(&command, scope)) {
            return effects.push(WindowEffect::Refuse { call, error });
        }
        self.unnamed.insert(call);
        self.held.insert(call, held);
        effects.push(WindowEffect::Request { call, command });
    }

    fn refusal(&self, command: &Name, scope: &Scope) -> Option<CallError> {
        if !scope.allows_command(command) {
            Some(scope.command_denied(&self.key.label, command))
        } else if self.failing {
            Some(CallError::failing_window(&self.key.label))
        } else if self.held.len() >= self.limit {
            Some(CallError::overloaded("window", self.limit))
        } else {
            None
        }
    }

    fn repeat(&mut self, call: CallKey, id: u64, effects: &mut Vec<WindowEffect>) {
        if let Some(&to) = self.document.live.get(&id) {
            effects.push(WindowEffect::Attach { call, to });
        } else if let Some(&(_, of)) = self.document.settled.iter().find(|(i, _)| *i == id) {
            effects.push(WindowEffect::Replay { call, of });
        } else {
            let error = CallError::protocol("a call with this id was made before");
            effects.push(WindowEffect::Refuse { call, error });
        }
    }
}
