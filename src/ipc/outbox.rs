//! What waits for a document to pull it. Pure: time is a number of milliseconds.
//!
//! Progress is conflated: the latest of each call, handed out at most every 33 ms. Calls of the
//! page are handed out at once and bounded.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::actors::{Epoch, Progress};

/// At most 30 handovers of progress a second.
const PROGRESS_MS: u64 = 33;
/// Calls of one document's functions that wait to be pulled.
const MAX_PAGE_CALLS: usize = 256;

/// A frame for the page.
#[derive(Debug, Serialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Down {
    /// Progress of a call of the page.
    Progress {
        i: u64,
        #[serde(flatten)]
        progress: Progress,
    },
    /// Call an exposed function.
    Call {
        n: u64,
        name: String,
        arg: Box<RawValue>,
    },
}

/// The answer to a pull, when its time has come.
#[derive(Debug)]
pub enum Pull<T> {
    /// Answer this pull with these frames.
    Answer(T, Vec<Down>),
    /// Nothing to answer now; look again at this time.
    Later(u64),
    /// Nothing to answer, and nothing planned.
    Wait,
}

/// The frames of one document. `T` is what answers a pull.
#[derive(Debug)]
pub struct Outbox<T> {
    epoch: Epoch,
    progress: BTreeMap<u64, Progress>,
    calls: VecDeque<Down>,
    waiting: Option<T>,
    progress_from: u64,
    /// A look at `progress_from` is planned.
    look_planned: bool,
    /// A look at the age of the waiting pull is planned.
    patience_planned: bool,
}

impl<T> Outbox<T> {
    /// An empty outbox for a document.
    pub fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            progress: BTreeMap::new(),
            calls: VecDeque::new(),
            waiting: None,
            progress_from: 0,
            look_planned: false,
            patience_planned: false,
        }
    }

    /// The document.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Keeps the latest progress of a call.
    pub fn put_progress(&mut self, id: u64, progress: Progress) {
        self.progress.insert(id, progress);
    }

    /// Queues a call of the page. False: too many wait.
    pub fn put_call(&mut self, call: Down) -> bool {
        let room = self.calls.len() < MAX_PAGE_CALLS;
        if room {
            self.calls.push_back(call);
        }
        room
    }

    /// The page asks. Returns the pull that waited before, with what there is for it.
    pub fn pull(&mut self, pull: T) -> Option<(T, Vec<Down>)> {
        let older = self.waiting.replace(pull)?;
        Some((older, self.take_all()))
    }

    /// Ends the waiting pull in any case: with what there is.
    pub fn flush(&mut self) -> Option<(T, Vec<Down>)> {
        let waiting = self.waiting.take()?;
        Some((waiting, self.take_all()))
    }

    /// The planned look has come: `poll` may plan another.
    pub fn looked(&mut self) {
        self.look_planned = false;
    }

    /// Whether the waiting pull can be answered at `now`.
    pub fn poll(&mut self, now: u64) -> Pull<T> {
        if self.waiting.is_none() || (self.calls.is_empty() && self.progress.is_empty()) {
            return Pull::Wait;
        }
        if self.calls.is_empty() && now < self.progress_from {
            if std::mem::replace(&mut self.look_planned, true) {
                return Pull::Wait;
            }
            return Pull::Later(self.progress_from);
        }
        self.progress_from = now + PROGRESS_MS;
        match self.flush() {
            Some((waiting, frames)) => Pull::Answer(waiting, frames),
            None => Pull::Wait,
        }
    }

    /// Plans a look at the waiting pull's age. False: one is planned.
    pub fn plan_patience(&mut self) -> bool {
        !std::mem::replace(&mut self.patience_planned, true)
    }

    /// How long the waiting pull may still wait, as `left` says. `None`: none waits, and no look is
    /// planned any more.
    pub fn patience_left<R>(&mut self, left: impl FnOnce(&T) -> R) -> Option<R> {
        self.patience_planned = self.waiting.is_some();
        self.waiting.as_ref().map(left)
    }

    /// Ends the waiting pull, which has waited long enough.
    pub fn end_patience(&mut self) -> Option<(T, Vec<Down>)> {
        self.patience_planned = false;
        self.flush()
    }

    fn take_all(&mut self) -> Vec<Down> {
        let progress = std::mem::take(&mut self.progress).into_iter();
        progress
            .map(|(i, progress)| Down::Progress { i, progress })
            .chain(self.calls.drain(..))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: f64) -> Progress {
        Progress {
            done,
            total: None,
            message: None,
        }
    }

    fn outbox() -> Outbox<&'static str> {
        Outbox::new(Epoch(1))
    }

    #[test]
    fn the_latest_progress_of_a_call_wins() {
        let mut outbox = outbox();
        outbox.put_progress(7, progress(1.0));
        outbox.put_progress(7, progress(2.0));
        assert!(outbox.pull("a").is_none());
        let Pull::Answer("a", frames) = outbox.poll(0) else {
            panic!("a pull with frames is answered");
        };
        assert_eq!(
            serde_json::to_string(&frames).ok().as_deref(),
            Some(r#"[{"t":"progress","i":7,"done":2.0,"total":null,"message":null}]"#)
        );
    }

    #[test]
    fn progress_keeps_its_distance_and_is_not_lost() {
        let mut outbox = outbox();
        outbox.put_progress(1, progress(1.0));
        outbox.pull("a");
        assert!(matches!(outbox.poll(100), Pull::Answer("a", _)));
        outbox.put_progress(1, progress(2.0));
        outbox.pull("b");
        assert!(matches!(outbox.poll(110), Pull::Later(133)));
        assert!(
            matches!(outbox.poll(111), Pull::Wait),
            "one look is planned"
        );
        outbox.looked();
        assert!(matches!(outbox.poll(133), Pull::Answer("b", frames) if frames.len() == 1));
    }

    #[test]
    fn one_look_at_a_time_watches_the_age_of_pulls() {
        let mut outbox = outbox();
        outbox.pull("a");
        assert!(outbox.plan_patience());
        assert!(outbox.pull("b").is_some());
        assert!(!outbox.plan_patience());
        assert_eq!(outbox.patience_left(|pull| *pull), Some("b"));
        assert!(matches!(outbox.end_patience(), Some(("b", frames)) if frames.is_empty()));
        assert_eq!(outbox.patience_left(|pull| *pull), None);
        assert!(outbox.plan_patience());
    }

    #[test]
    fn a_newer_pull_ends_the_older_one_with_the_frames() {
        let mut outbox = outbox();
        outbox.pull("a");
        outbox.put_progress(1, progress(1.0));
        let (older, frames) = outbox.pull("b").unwrap_or(("none", vec![]));
        assert_eq!((older, frames.len()), ("a", 1));
        assert!(matches!(outbox.poll(999), Pull::Wait));
    }

    #[test]
    fn calls_of_the_page_are_bounded() {
        let mut outbox = outbox();
        let call = || Down::Call {
            n: 1,
            name: "f".into(),
            arg: RawValue::NULL.to_owned(),
        };
        for _ in 0..MAX_PAGE_CALLS {
            assert!(outbox.put_call(call()));
        }
        assert!(!outbox.put_call(call()));
    }
}
