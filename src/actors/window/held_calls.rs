//! Holds the admitted calls of a window whose work has not ended, and counts them by kind.
//!
//! The counts are kept, and not taken at each look: whoever looks holds up the window's next step.

use std::collections::HashMap;

use serde::Serialize;

use crate::actors::ids::{CallKey, PageCall};

/// One admitted call.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldCall {
    /// The name by which its page knows it.
    pub(super) page: PageCall,
    /// The window has heard that it was answered. The call itself knows that earlier: it is decided
    /// there, by whoever comes first. What the window decides rests on what it was told.
    pub(super) answered: bool,
    /// Its work outlives its page.
    pub(super) detach: bool,
    /// The window has let its work go on without its page. The call itself knows whether that came
    /// before its answer.
    pub(super) job: bool,
}

/// What the metrics show of one window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WindowGauges {
    /// Calls that the page still waits for.
    pub live: usize,
    /// Answered calls whose work goes on.
    pub orphans: usize,
    /// Calls that went on after their page.
    pub jobs: usize,
}

#[derive(Debug, Default)]
pub(super) struct HeldCalls {
    calls: HashMap<CallKey, HeldCall>,
    gauges: WindowGauges,
}

impl WindowGauges {
    fn of(&mut self, held: HeldCall) -> &mut usize {
        match held {
            HeldCall { answered: true, .. } => &mut self.orphans,
            HeldCall { job: true, .. } => &mut self.jobs,
            _ => &mut self.live,
        }
    }
}

impl HeldCalls {
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub(super) fn gauges(&self) -> WindowGauges {
        self.gauges
    }

    /// Whether the call is held and the window has not heard of its answer.
    pub(super) fn is_unanswered(&self, call: CallKey) -> bool {
        self.calls.get(&call).is_some_and(|held| !held.answered)
    }

    /// The call that its page knows by this name.
    pub(super) fn find(&self, page: PageCall) -> Option<CallKey> {
        let mut calls = self.calls.iter();
        calls
            .find(|(_, held)| held.page == page)
            .map(|(call, _)| *call)
    }

    pub(super) fn insert(&mut self, call: CallKey, held: HeldCall) {
        self.remove(call);
        *self.gauges.of(held) += 1;
        self.calls.insert(call, held);
    }

    pub(super) fn remove(&mut self, call: CallKey) -> Option<HeldCall> {
        let held = self.calls.remove(&call)?;
        *self.gauges.of(held) -= 1;
        Some(held)
    }

    /// Notes the answer of a call, and returns the call's name. `None`: it is not held, or the
    /// answer was noted before.
    pub(super) fn answer(&mut self, call: CallKey) -> Option<PageCall> {
        let held = *self.calls.get(&call).filter(|held| !held.answered)?;
        let answered = true;
        self.insert(call, HeldCall { answered, ..held });
        Some(held.page)
    }

    /// Lets the work of a call go on without its page. False: it ends with its page.
    pub(super) fn outlive_page(&mut self, call: CallKey) -> bool {
        let held = self.calls.get(&call).copied();
        let Some(held) = held.filter(|held| held.detach) else {
            return false;
        };
        self.insert(call, HeldCall { job: true, ..held });
        true
    }
}
