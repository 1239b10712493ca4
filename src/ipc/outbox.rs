//! Queues the frames that a document pulls: progress of its calls, and calls of its functions.
//!
//! This is a pure state machine. Time is a number of milliseconds.
//!
//! Progress is conflated: only the latest of each call is kept, and sent at most every 33 ms. Calls
//! of the page's functions are sent at once and bounded. They are kept until a later pull says that
//! they arrived, because a webview may lose the answer to a pull.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::actors::{Epoch, Progress};

/// At most 30 frames of progress a second.
const PROGRESS_MS: u64 = 33;
/// Calls of one document's functions that wait to be pulled.
const MAX_PAGE_CALLS: usize = 256;

/// A frame for the page.
#[derive(Debug, Clone, Serialize)]
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
        /// Its number among the calls of the document.
        k: u64,
        #[serde(flatten)]
        call: PageFunction,
    },
}

/// A call of a function that the page exposed.
#[derive(Debug, Clone, Serialize)]
pub struct PageFunction {
    pub n: u64,
    pub name: String,
    pub arg: Box<RawValue>,
}

/// The result of looking at the waiting pull.
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
    /// The progress that was sent last.
    last_progress: BTreeMap<u64, Progress>,
    /// Calls that have not arrived yet, as far as the host knows, with their numbers.
    calls: VecDeque<(u64, PageFunction)>,
    /// The number of the next call.
    next_call: u64,
    /// Calls before this number were sent.
    handed: u64,
    /// How many pulls there were.
    pulls: u64,
    waiting: Option<T>,
    progress_from: u64,
    /// Whether a look at `progress_from` is planned.
    look_planned: bool,
    /// Whether a look at the age of the waiting pull is planned.
    patience_planned: bool,
    /// Whether a look at the arrival of calls is planned.
    hearing_planned: bool,
}

impl<T> Outbox<T> {
    /// Creates an empty outbox for a document.
    pub fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            progress: BTreeMap::new(),
            last_progress: BTreeMap::new(),
            calls: VecDeque::new(),
            next_call: 0,
            handed: 0,
            pulls: 0,
            waiting: None,
            progress_from: 0,
            look_planned: false,
            patience_planned: false,
            hearing_planned: false,
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

    /// Queues a call of the page's function. False: too many wait.
    pub fn put_call(&mut self, call: PageFunction) -> bool {
        let room = self.calls.len() < MAX_PAGE_CALLS;
        if room {
            self.calls.push_back((self.next_call, call));
            self.next_call += 1;
        }
        room
    }

    /// Drops a call that nobody waits for any more. It is not sent (again).
    pub fn drop_call(&mut self, n: u64) {
        self.calls.retain(|(_, call)| call.n != n);
    }

    /// Notes how many calls have arrived, and whether the page may have lost what it was sent last.
    pub fn hear(&mut self, calls: Option<u64>, again: bool) {
        self.pulls += 1;
        let come = calls.unwrap_or(self.handed);
        self.calls.retain(|(place, _)| *place >= come);
        self.handed = come;
        let last = std::mem::take(&mut self.last_progress);
        if again {
            for (id, progress) in last {
                self.progress.entry(id).or_insert(progress);
            }
        }
    }

    /// The number of pulls, if some calls were sent and none of them is known to have arrived.
    pub fn unheard(&self) -> Option<u64> {
        let handed = |(place, _): &(u64, PageFunction)| *place < self.handed;
        self.calls.front().is_some_and(handed).then_some(self.pulls)
    }

    /// Plans a look at the arrival of calls. `None`: one is planned, or all have arrived.
    pub fn plan_hearing(&mut self) -> Option<u64> {
        let pulls = self.unheard().filter(|_| !self.hearing_planned)?;
        self.hearing_planned = true;
        Some(pulls)
    }

    /// Carries out the planned look. Returns the same as `unheard`. If that is `None`, no look is
    /// planned any more.
    pub fn look_for_hearing(&mut self) -> Option<u64> {
        let unheard = self.unheard();
        self.hearing_planned = unheard.is_some();
        unheard
    }

    /// Takes the page's request. Returns the pull that waited before, which gets nothing: it may be
    /// lost.
    pub fn pull(&mut self, pull: T) -> Option<T> {
        self.waiting.replace(pull)
    }

    /// Whether a call waits that was not sent, or that may have been lost.
    fn has_calls(&self) -> bool {
        let new = |(place, _): &(u64, PageFunction)| *place >= self.handed;
        self.calls.back().is_some_and(new)
    }

    /// Ends the waiting pull in any case, with the frames that there are.
    pub fn flush(&mut self) -> Option<(T, Vec<Down>)> {
        let waiting = self.waiting.take()?;
        Some((waiting, self.take_all()))
    }

    /// Notes that the planned look has come, so that `poll` may plan another.
    pub fn looked(&mut self) {
        self.look_planned = false;
    }

    /// Whether the waiting pull can be answered at `now`.
    pub fn poll(&mut self, now: u64) -> Pull<T> {
        if self.waiting.is_none() || (!self.has_calls() && self.progress.is_empty()) {
            return Pull::Wait;
        }
        if !self.has_calls() && now < self.progress_from {
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

    /// Plans a look at the age of the waiting pull. False: one is planned already.
    pub fn plan_patience(&mut self) -> bool {
        !std::mem::replace(&mut self.patience_planned, true)
    }

    /// How long the waiting pull may still wait, by `left`. `None`: none waits, and no look is
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
        self.last_progress = std::mem::take(&mut self.progress);
        let progress = self.last_progress.iter();
        let handed = self.handed;
        self.handed = self.next_call;
        let calls = self.calls.iter().filter(|(place, _)| *place >= handed);
        progress
            .map(|(i, progress)| Down::Progress {
                i: *i,
                progress: progress.clone(),
            })
            .chain(calls.map(|(k, call)| Down::Call {
                k: *k,
                call: call.clone(),
            }))
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
    fn a_newer_pull_ends_the_older_one_and_gets_the_frames() {
        let mut outbox = outbox();
        outbox.pull("a");
        outbox.put_progress(1, progress(1.0));
        assert_eq!(outbox.pull("b"), Some("a"));
        assert!(matches!(outbox.poll(999), Pull::Answer("b", frames) if frames.len() == 1));
    }

    #[test]
    fn calls_of_the_page_are_bounded() {
        let mut outbox = outbox();
        for n in 0..MAX_PAGE_CALLS {
            assert!(outbox.put_call(call(n as u64)));
        }
        assert!(!outbox.put_call(call(0)));
        outbox.drop_call(7);
        assert!(outbox.put_call(call(0)));
    }

    fn call(n: u64) -> PageFunction {
        PageFunction {
            n,
            name: "f".into(),
            arg: RawValue::NULL.to_owned(),
        }
    }

    fn handed(outbox: &mut Outbox<&'static str>) -> Vec<u64> {
        let Pull::Answer(_, frames) = outbox.poll(0) else {
            return Vec::new();
        };
        let places = frames.into_iter().map(|frame| match frame {
            Down::Call { k, call } => {
                assert_eq!(k, call.n);
                k
            }
            Down::Progress { i, .. } => i,
        });
        places.collect()
    }

    #[test]
    fn a_call_is_handed_over_until_a_pull_says_that_it_has_come() {
        let mut outbox = outbox();
        for n in 0..3 {
            outbox.put_call(call(n));
        }
        outbox.hear(Some(0), false);
        outbox.pull("a");
        assert_eq!(handed(&mut outbox), [0, 1, 2]);
        assert_eq!(outbox.unheard(), Some(1));
        outbox.drop_call(1);
        outbox.hear(Some(0), true);
        outbox.pull("b");
        assert_eq!(handed(&mut outbox), [0, 2]);
        outbox.hear(Some(3), false);
        assert_eq!(outbox.unheard(), None);
        outbox.pull("c");
        assert!(matches!(outbox.poll(0), Pull::Wait));
        outbox.put_call(call(3));
        assert_eq!(handed(&mut outbox), [3]);
        // A page that does not count has had what was handed over.
        outbox.hear(None, false);
        outbox.pull("d");
        assert!(matches!(outbox.poll(0), Pull::Wait));
    }

    #[test]
    fn progress_that_may_be_lost_is_handed_over_again_unless_there_is_newer() {
        let mut outbox = outbox();
        outbox.put_progress(1, progress(1.0));
        outbox.put_progress(2, progress(1.0));
        outbox.hear(Some(0), false);
        outbox.pull("a");
        assert_eq!(handed(&mut outbox), [1, 2]);
        outbox.put_progress(2, progress(2.0));
        outbox.hear(Some(0), true);
        outbox.pull("b");
        let Pull::Answer("b", frames) = outbox.poll(999) else {
            panic!("a pull with frames is answered");
        };
        let text = serde_json::to_string(&frames).unwrap_or_default();
        assert!(text.contains(r#""i":1,"done":1.0"#) && text.contains(r#""i":2,"done":2.0"#));
    }
}
