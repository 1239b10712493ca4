//! "Prevent at once, ask off-thread, then act": how a window or the app may be kept from closing
//! by a handler that must not run on the UI thread.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::callbacks::Done;

/// How long the handlers of one request have for a veto.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) type Round = u64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nobody has to be asked (again): let it happen.
    Allow,
    /// Prevent it and ask the handlers of this round.
    Ask(Round),
    /// Prevent it: the answers to an earlier request are still out.
    Ignore,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Asking {
        pending: usize,
        vetoed: bool,
    },
    /// Acted on, or about to be: the next request goes through.
    Granted,
}

/// The pure machine. The methods that return `bool` tell whether to act now.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    state: State,
    round: Round,
}

impl Ask {
    pub(crate) fn request(&mut self, handlers: usize) -> Verdict {
        match self.state {
            State::Asking { .. } => Verdict::Ignore,
            State::Granted => {
                self.state = State::Idle;
                Verdict::Allow
            }
            State::Idle if handlers == 0 => Verdict::Allow,
            State::Idle => {
                self.round += 1;
                self.state = State::Asking {
                    pending: handlers,
                    vetoed: false,
                };
                Verdict::Ask(self.round)
            }
        }
    }

    /// A handler said no. Too late once the round was granted.
    pub(crate) fn veto(&mut self, round: Round) {
        if let State::Asking { vetoed, .. } = &mut self.state
            && round == self.round
        {
            *vetoed = true;
        }
    }

    /// A handler finished or failed.
    pub(crate) fn answered(&mut self, round: Round) -> bool {
        let State::Asking { pending, vetoed } = &mut self.state else {
            return false;
        };
        if round != self.round {
            return false;
        }
        *pending = pending.saturating_sub(1);
        let (last, vetoed) = (*pending == 0, *vetoed);
        if last {
            self.state = if vetoed { State::Idle } else { State::Granted };
        }
        last && !vetoed
    }

    /// The patience for this round is over. A vetoed round stays open until its handlers finish,
    /// so that a dialog in one of them is not opened twice.
    pub(crate) fn expired(&mut self, round: Round) -> bool {
        let open = matches!(self.state, State::Asking { vetoed: false, .. });
        let act = open && round == self.round;
        if act {
            self.state = State::Granted;
        }
        act
    }
}

/// The machine with its lock, its timer and what to do when nobody objects.
pub(crate) struct Asking {
    machine: Mutex<Ask>,
    act: Box<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.machine.fmt(f)
    }
}

impl Asking {
    /// `act` must return at once: it runs on whatever thread brings the last answer.
    pub(crate) fn new(act: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            machine: Mutex::default(),
            act: Box::new(act),
        })
    }

    fn machine(&self) -> MutexGuard<'_, Ask> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn request(self: &Arc<Self>, handlers: usize) -> Verdict {
        let verdict = self.machine().request(handlers);
        if let Verdict::Ask(round) = verdict {
            let asking = self.clone();
            tauri::async_runtime::spawn(async move {
                tokio::time::sleep(PATIENCE).await;
                let act = asking.machine().expired(round);
                asking.act_if(act);
            });
        }
        verdict
    }

    /// What a handler of `round` must be posted with: it counts as answered however it ends.
    pub(crate) fn done(self: &Arc<Self>, round: Round) -> Done {
        let asking = self.clone();
        Done::new(move |_| {
            let act = asking.machine().answered(round);
            asking.act_if(act);
        })
    }

    fn act_if(&self, act: bool) {
        if act {
            (self.act)();
        }
    }
}

/// The right to say no to one round; without a round it says it to nobody.
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
        assert_eq!(Ask::default().request(0), Verdict::Allow);
    }

    #[test]
    fn acts_once_after_the_last_answer() {
        let mut ask = Ask::default();
        assert_eq!(ask.request(2), Verdict::Ask(1));
        assert!(!ask.answered(1));
        assert!(ask.answered(1));
        assert!(!ask.answered(1));
        assert!(!ask.expired(1));
    }

    #[test]
    fn a_request_while_asking_is_ignored_and_one_after_the_grant_is_allowed() {
        let mut ask = Ask::default();
        ask.request(1);
        assert_eq!(ask.request(1), Verdict::Ignore);
        assert!(ask.answered(1));
        assert_eq!(ask.request(1), Verdict::Allow);
        assert_eq!(ask.request(1), Verdict::Ask(2));
    }

    #[test]
    fn a_veto_keeps_it_open_and_asks_anew_next_time() {
        let mut ask = Ask::default();
        ask.request(2);
        assert!(!ask.answered(1));
        ask.veto(1);
        assert!(!ask.expired(1));
        assert_eq!(ask.request(2), Verdict::Ignore);
        assert!(!ask.answered(1));
        assert_eq!(ask.request(2), Verdict::Ask(2));
    }

    #[test]
    fn silence_is_consent_and_a_late_veto_is_void() {
        let mut ask = Ask::default();
        ask.request(1);
        assert!(ask.expired(1));
        ask.veto(1);
        assert!(!ask.answered(1));
        assert_eq!(ask.request(1), Verdict::Allow);
    }

    #[test]
    fn stale_rounds_change_nothing() {
        let mut ask = Ask::default();
        ask.request(1);
        ask.veto(1);
        ask.answered(1);
        assert_eq!(ask.request(1), Verdict::Ask(2));
        ask.veto(1);
        assert!(!ask.expired(1));
        assert!(!ask.answered(1));
        assert!(ask.answered(2));
    }
}
