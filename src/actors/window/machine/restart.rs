//! Rebuilds the state of a window whose machine panicked, from its calls.

use super::WindowMachine;
use crate::actors::{
    ids::{CallKey, PageCall},
    window::{held_calls::HeldCall, messages::WindowEffect},
};
use crate::error::CallError;

/// What a window that is restarted learns of one of its calls.
#[derive(Debug, Clone, Copy)]
pub struct CallAtWindow {
    /// Its key.
    pub call: CallKey,
    /// The name by which its page knows it.
    pub page: PageCall,
    /// Whether the window has admitted it.
    pub admitted: bool,
    /// Whether it was answered.
    pub answered: bool,
    /// Whether its work has ended.
    pub released: bool,
    /// Whether it outlives its page.
    pub detach: bool,
    /// Whether its page has gone before.
    pub job: bool,
}

impl WindowMachine {
    /// Creates the state of a window whose machine panicked. Its document is retired, and of its
    /// calls only those that outlive their page go on. The supervisor is asked to say again whether
    /// the window is open, as that news may be what panicked.
    pub fn restarted(&self, calls: &[CallAtWindow], too_often: bool) -> (Self, Vec<WindowEffect>) {
        let mut fresh = Self::new(self.key.clone(), self.limit);
        fresh.closed = self.closed;
        fresh.failing = too_often;
        fresh.retired = self.retired.clone();
        let mut effects = Vec::new();
        if let Some(epoch) = self.document.epoch {
            fresh.retired.push_back(epoch);
            let label = fresh.key.label.clone();
            effects.push(WindowEffect::Retire { label, epoch });
            if !fresh.closed {
                let label = fresh.key.label.clone();
                effects.push(WindowEffect::BeginAnew { label, epoch });
            }
        }
        let mut lost = Vec::new();
        for it in calls {
            let (call, error) = (it.call, CallError::restarted("window"));
            if !it.admitted {
                effects.push(WindowEffect::Refuse { call, error });
                continue;
            }
            if !it.released {
                let stays = it.job || (it.detach && !it.answered);
                let held = HeldCall {
                    page: it.page,
                    answered: it.answered || !stays,
                    detach: it.detach,
                    job: stays,
                };
                fresh.held.insert(call, held);
                if stays && !it.job {
                    effects.push(WindowEffect::Detach { call });
                } else if !stays {
                    lost.push(call);
                }
            }
            effects.push(WindowEffect::Forget { call });
        }
        Self::cancel_all(lost, CallError::restarted("window"), &mut effects);
        fresh.say_when_empty(&mut effects);
        if !too_often {
            // Else the answer may be what panics.
            let label = fresh.key.label.clone();
            effects.push(WindowEffect::AskOpening { label });
        }
        (fresh, effects)
    }
}
