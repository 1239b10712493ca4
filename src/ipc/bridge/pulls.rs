//! Answers the pulls of pages, in time, and notices pages that do not pull again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Bridge,
    waiting::{AnswerPull, SharedOutbox, WaitingPull, answer_pull, with},
};
use crate::{
    actors::Name,
    error::CallError,
    ipc::{
        app::later,
        frame::PullFrame,
        outbox::{Outbox, Pull},
    },
};

/// A pull is answered after this time, even with nothing.
const PULL_PATIENCE: Duration = Duration::from_secs(25);
/// A page that was given calls pulls again within this time, or the calls may be lost. The time
/// doubles whenever the page is told so, up to the longest one.
const HEARING: Duration = Duration::from_secs(1);
const LONGEST_HEARING: Duration = Duration::from_secs(30);

impl Bridge {
    /// Takes the page's request for frames.
    pub(in crate::ipc) fn pull(
        self: &Arc<Self>,
        label: &str,
        frame: &PullFrame,
        answer: AnswerPull,
    ) {
        let Some(system) = self.system() else {
            return answer(Err(CallError::shutting_down()));
        };
        if let Err(error) = system.check_document(label, frame.epoch) {
            return answer(Err(error));
        }
        let own = |outbox: &SharedOutbox| with(outbox, |it| it.epoch()) == frame.epoch;
        let Some(outbox) = self.outbox(label).filter(own) else {
            return answer(Err(CallError::unknown_document()));
        };
        let since = Instant::now();
        let pull = WaitingPull { since, answer };
        let older = with(&outbox, |outbox| {
            outbox.hear(frame.calls, frame.again);
            outbox.pull(pull)
        });
        answer_pull(older.map(|older| (older, Vec::new())));
        if frame.now {
            answer_pull(with(&outbox, Outbox::flush));
            return self.expect_pull(&outbox);
        }
        self.look(&outbox);
        if with(&outbox, Outbox::plan_patience) {
            self.be_patient(&outbox, PULL_PATIENCE);
        }
    }

    /// Ends the waiting pull when it has waited long enough. One timer serves an outbox.
    fn be_patient(self: &Arc<Self>, outbox: &SharedOutbox, rest: Duration) {
        self.later(outbox, rest, |bridge, outbox| {
            let rest = with(outbox, |it| {
                it.patience_left(|pull| PULL_PATIENCE.saturating_sub(pull.since.elapsed()))
            });
            match rest {
                Some(rest) if rest.is_zero() => {
                    answer_pull(with(outbox, Outbox::end_patience));
                }
                Some(rest) => bridge.be_patient(outbox, rest),
                None => {}
            }
        });
    }

    /// Answers the waiting pull, now or when progress may be sent again.
    pub(super) fn look(self: &Arc<Self>, outbox: &SharedOutbox) {
        let now = u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        match with(outbox, |outbox| outbox.poll(now)) {
            Pull::Answer(pull, frames) => {
                (pull.answer)(Ok(frames));
                self.expect_pull(outbox);
            }
            Pull::Later(at) => {
                let rest = Duration::from_millis(at - now);
                self.later(outbox, rest, |bridge, outbox| {
                    with(outbox, Outbox::looked);
                    bridge.look(outbox);
                });
            }
            Pull::Wait => {}
        }
    }

    /// Expects another pull of a page that was given calls. One timer serves an outbox.
    fn expect_pull(self: &Arc<Self>, outbox: &SharedOutbox) {
        if let Some(pulls) = with(outbox, Outbox::plan_hearing) {
            self.listen_for(outbox, pulls, HEARING);
        }
    }

    /// Tells a page that has not pulled again that it may have lost calls.
    fn listen_for(self: &Arc<Self>, outbox: &SharedOutbox, before: u64, patience: Duration) {
        self.later(outbox, patience, move |bridge, outbox| {
            let Some(pulls) = with(outbox, Outbox::look_for_hearing) else {
                return;
            };
            if pulls != before {
                return bridge.listen_for(outbox, pulls, HEARING);
            }
            let labels = bridge.outboxes.iter();
            let own = labels.filter(|entry| Arc::ptr_eq(entry.value(), outbox));
            let label = own.map(|entry| Name::clone(entry.key())).next();
            let Some(label) = label else {
                return;
            };
            log::debug!("the page of `{label}` may have lost calls from Python");
            bridge.tell_lost(&label);
            let next = patience.saturating_mul(2).min(LONGEST_HEARING);
            bridge.listen_for(outbox, pulls, next);
        });
    }

    /// Calls `act` after `delay`, if the outbox and the app are still there then.
    fn later(
        self: &Arc<Self>,
        outbox: &SharedOutbox,
        delay: Duration,
        act: impl FnOnce(&Arc<Self>, &SharedOutbox) + Send + 'static,
    ) {
        let (bridge, outbox) = (Arc::downgrade(self), Arc::downgrade(outbox));
        later(delay, move || {
            if let (Some(bridge), Some(outbox)) = (bridge.upgrade(), outbox.upgrade())
                && bridge.system().is_some()
            {
                act(&bridge, &outbox);
            }
        });
    }
}
