//! Lets Python handlers veto the closing of a window or the app, without blocking the UI thread.
//!
//! A close request is prevented at once. Then the handlers are asked on another thread. If none
//! objects, the window or the app is closed after all.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::errand::Done;
use crate::sync::clock;

/// How long the handlers of one request have time for a veto.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) type Round = u64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseDecision {
    /// Nobody has to be asked (again), so it may happen.
    Allow,
    /// Prevent it and ask the handlers of this round.
    Ask(Round),
    /// Prevent it: an earlier request is still being decided.
    Ignore,
}

#[derive(Debug, Default)]
enum QuestionState {
    #[default]
    Idle,
    Asking {
        pending: usize,
        vetoed: bool,
        /// It was requested again, by code that means it.
        again: bool,
    },
    /// The request was granted and carried out, or is about to be. The next request goes through.
    Granted,
}

/// What to do when a handler has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseAction {
    Nothing,
    /// Nobody objected.
    Act,
    /// Somebody objected, and it was requested again meanwhile: ask about that.
    AskAgain,
}

/// The state of the question: a pure state machine.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    state: QuestionState,
    round: Round,
}

impl Ask {
    pub(crate) fn request(&mut self, handlers: usize) -> CloseDecision {
        match self.state {
            QuestionState::Asking { .. } => CloseDecision::Ignore,
            QuestionState::Granted => {
                self.state = QuestionState::Idle;
                CloseDecision::Allow
            }
            QuestionState::Idle if handlers == 0 => CloseDecision::Allow,
            QuestionState::Idle => {
                self.round += 1;
                self.state = QuestionState::Asking {
                    pending: handlers,
                    vetoed: false,
                    again: false,
                };
                CloseDecision::Ask(self.round)
            }
        }
    }

    /// Notes a veto. It is too late once the round was granted.
    pub(crate) fn veto(&mut self, round: Round) {
        if let QuestionState::Asking { vetoed, .. } = &mut self.state
            && round == self.round
        {
            *vetoed = true;
        }
    }

    /// Notes a request that must not be lost, although an earlier one is being decided.
    pub(crate) fn remember(&mut self) {
        if let QuestionState::Asking { again, .. } = &mut self.state {
            *again = true;
        }
    }

    /// Whether the handlers of a request still run.
    #[cfg(any(test, feature = "python-main"))]
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, QuestionState::Asking { .. })
    }

    /// Notes that a handler has finished or failed.
    pub(crate) fn answered(&mut self, round: Round) -> CloseAction {
        let QuestionState::Asking {
            pending,
            vetoed,
            again,
        } = &mut self.state
        else {
            return CloseAction::Nothing;
        };
        if round != self.round {
            return CloseAction::Nothing;
        }
        *pending = pending.saturating_sub(1);
        if *pending > 0 {
            return CloseAction::Nothing;
        }
        let next = match (*vetoed, *again) {
            (false, _) => CloseAction::Act,
            (true, true) => CloseAction::AskAgain,
            (true, false) => CloseAction::Nothing,
        };
        self.state = match next {
            CloseAction::Act => QuestionState::Granted,
            CloseAction::Nothing | CloseAction::AskAgain => QuestionState::Idle,
        };
        next
    }

    /// Notes that the time for this round is over. True: act now. A vetoed round stays open until
    /// its handlers finish, so that a dialog in one of them is not opened twice.
    pub(crate) fn expired(&mut self, round: Round) -> bool {
        let open = matches!(self.state, QuestionState::Asking { vetoed: false, .. });
        let act = open && round == self.round;
        if act {
            self.state = QuestionState::Granted;
        }
        act
    }
}

/// The state machine with its lock, its timer, and what to do when nobody objects.
pub(crate) struct Asking {
    machine: Mutex<Ask>,
    act: Box<dyn Fn() + Send + Sync>,
    ask_again: Box<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.machine.fmt(f)
    }
}

impl Asking {
    /// Creates it. `act` does what was requested; `ask_again` requests anew what was remembered.
    /// Both must return at once: they run on whichever thread brings the last answer.
    pub(crate) fn new(
        act: impl Fn() + Send + Sync + 'static,
        ask_again: impl Fn() + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            machine: Mutex::default(),
            act: Box::new(act),
            ask_again: Box::new(ask_again),
        })
    }

    /// Requests it anew when the handlers that run now have objected.
    pub(crate) fn remember(&self) {
        self.machine().remember();
    }

    /// Whether the handlers of a request still run.
    #[cfg(feature = "python-main")]
    pub(crate) fn is_open(&self) -> bool {
        self.machine().is_open()
    }

    fn machine(&self) -> MutexGuard<'_, Ask> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn request(self: &Arc<Self>, handlers: usize) -> CloseDecision {
        let verdict = self.machine().request(handlers);
        if let CloseDecision::Ask(round) = verdict {
            let asking = self.clone();
            tauri::async_runtime::spawn(async move {
                let end = clock::now() + PATIENCE;
                while let Some(rest) = clock::until(end) {
                    tokio::time::sleep(rest).await;
                }
                let expired = asking.machine().expired(round);
                if expired {
                    (asking.act)();
                }
            });
        }
        verdict
    }

    /// The function to post with a handler of `round`. The handler counts as answered however it
    /// ends.
    pub(crate) fn done(self: &Arc<Self>, round: Round) -> Done {
        let asking = self.clone();
        Done::new(move |_| {
            let next = asking.machine().answered(round);
            match next {
                CloseAction::Nothing => {}
                CloseAction::Act => (asking.act)(),
                CloseAction::AskAgain => (asking.ask_again)(),
            }
        })
    }
}

/// The right to veto one round. Without a round, a veto has no effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct Veto(Option<(Arc<Asking>, Round)>);

impl Veto {
    pub(crate) fn of(asking: &Arc<Asking>, round: Round) -> Self {
        Self(Some((asking.clone(), round)))
    }

    pub(crate) fn say(&self) {
        if let Some((asking, round)) = &self.0 {
            asking.machine().veto(*round);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_handlers_nobody_is_asked() {
        assert_eq!(Ask::default().request(0), CloseDecision::Allow);
    }

    #[test]
    fn acts_once_after_the_last_answer() {
        let mut ask = Ask::default();
        assert_eq!(ask.request(2), CloseDecision::Ask(1));
        assert_eq!(ask.answered(1), CloseAction::Nothing);
        assert_eq!(ask.answered(1), CloseAction::Act);
        assert_eq!(ask.answered(1), CloseAction::Nothing);
        assert!(!ask.expired(1));
    }

    #[test]
    fn a_request_while_asking_is_ignored_and_one_after_the_grant_is_allowed() {
        let mut ask = Ask::default();
        ask.request(1);
        assert_eq!(ask.request(1), CloseDecision::Ignore);
        assert_eq!(ask.answered(1), CloseAction::Act);
        assert_eq!(ask.request(1), CloseDecision::Allow);
        assert_eq!(ask.request(1), CloseDecision::Ask(2));
    }

    #[test]
    fn a_request_that_is_remembered_follows_a_veto_once() {
        let mut ask = Ask::default();
        ask.request(1);
        ask.remember();
        ask.veto(1);
        ask.remember();
        assert_eq!(ask.answered(1), CloseAction::AskAgain);
        assert!(!ask.is_open());
        assert_eq!(ask.request(1), CloseDecision::Ask(2));
        ask.veto(2);
        assert_eq!(ask.answered(2), CloseAction::Nothing);
        // Nothing is being decided, so there is nothing that it could follow.
        ask.remember();
        assert_eq!(ask.request(1), CloseDecision::Ask(3));
        ask.remember();
        assert_eq!(ask.answered(3), CloseAction::Act);
    }

    #[test]
    fn a_veto_keeps_it_open_and_asks_anew_next_time() {
        let mut ask = Ask::default();
        ask.request(2);
        assert_eq!(ask.answered(1), CloseAction::Nothing);
        ask.veto(1);
        assert!(!ask.expired(1));
        assert_eq!(ask.request(2), CloseDecision::Ignore);
        assert_eq!(ask.answered(1), CloseAction::Nothing);
        assert_eq!(ask.request(2), CloseDecision::Ask(2));
    }

    #[test]
    fn silence_is_consent_and_a_late_veto_is_void() {
        let mut ask = Ask::default();
        ask.request(1);
        assert!(ask.expired(1));
        ask.veto(1);
        assert_eq!(ask.answered(1), CloseAction::Nothing);
        assert_eq!(ask.request(1), CloseDecision::Allow);
    }

    #[test]
    fn stale_rounds_change_nothing() {
        let mut ask = Ask::default();
        ask.request(1);
        ask.veto(1);
        ask.answered(1);
        assert_eq!(ask.request(1), CloseDecision::Ask(2));
        ask.veto(1);
        assert!(!ask.expired(1));
        assert_eq!(ask.answered(1), CloseAction::Nothing);
        assert_eq!(ask.answered(2), CloseAction::Act);
    }
}
