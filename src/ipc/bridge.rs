//! Connects the actors to the pages: pulls, hellos, page calls and progress go through here.
//!
//! This is one file because all of it works on the same few tables of one app.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::DashMap;
use serde_json::value::RawValue;

use super::{
    app::{App, later},
    frame::PullFrame,
    messages::Messages,
    outbox::{Down, Outbox, PageFunction, Pull},
    pages::{open_channels::OpenChannels, page::Page, registry::Pages},
    scope::Scopes,
};
use crate::{
    actors::{
        Amount, Call, Epoch, Name, NoChannel, Outgoing, PageChannel, PageLink, Progress, Receipt,
        Released, System, Ticket,
    },
    error::CallError,
};

/// A pull is answered after this time, even with nothing.
const PULL_PATIENCE: Duration = Duration::from_secs(25);
/// A page that was given calls pulls again within this time, or the calls may be lost. The time
/// doubles whenever the page is told so, up to the longest one.
const HEARING: Duration = Duration::from_secs(1);
const LONGEST_HEARING: Duration = Duration::from_secs(30);

/// Answers a hello.
pub(super) type HelloAnswer = Box<dyn FnOnce(Result<(), CallError>) + Send>;
/// Answers the question how a call's work ended.
pub(super) type ReleaseAnswer = Box<dyn FnOnce(Result<Released, CallError>) + Send>;
/// Answers a pull.
type PullAnswer = Box<dyn FnOnce(Result<Vec<Down>, CallError>) + Send>;
/// The result of a page's function: JSON text.
pub type PageCallResult = Result<String, PageCallError>;
type PageCallAnswer = Box<dyn FnOnce(PageCallResult) + Send>;

/// Why a page's function gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageCallError {
    /// It threw. The JSON text is an object with the error's `name` and `message`. They may hold
    /// lone surrogates, which a Rust string cannot.
    Thrown(String),
    /// The page or window went away.
    Closed,
    /// Too many calls wait for this page.
    Overloaded,
}

struct WaitingPull {
    since: Instant,
    answer: PullAnswer,
}

type SharedOutbox = Arc<Mutex<Outbox<WaitingPull>>>;

struct PageCall {
    label: Name,
    answer: Mutex<PageCallAnswer>,
}

impl PageCall {
    fn answer(self, result: PageCallResult) {
        let answer = self.answer.into_inner();
        answer.unwrap_or_else(PoisonError::into_inner)(result);
    }
}

/// A document that waits for the end of a call's work.
struct Watcher {
    label: Name,
    epoch: Epoch,
    answer: Mutex<ReleaseAnswer>,
}

/// The outboxes, waiting answers and page calls of one app.
pub struct Bridge {
    pub(super) scopes: Scopes,
    pub(crate) messages: Messages,
    pub(crate) channels: OpenChannels,
    app: Arc<App>,
    begin: Instant,
    tickets: DashMap<Ticket, Mutex<HelloAnswer>>,
    watchers: DashMap<Ticket, Watcher>,
    outboxes: DashMap<Name, SharedOutbox>,
    page_calls: DashMap<u64, PageCall>,
    pages: Pages,
    ended: AtomicBool,
}

impl std::fmt::Debug for Bridge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bridge")
            .field("outboxes", &self.outboxes.len())
            .field("page_calls", &self.page_calls.len())
            .finish_non_exhaustive()
    }
}

impl Bridge {
    /// Creates a bridge. [`Bridge::bind`] gives it its actors.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            scopes: Scopes::default(),
            messages: Messages::default(),
            channels: OpenChannels::default(),
            app: Arc::default(),
            begin: Instant::now(),
            tickets: DashMap::new(),
            watchers: DashMap::new(),
            outboxes: DashMap::new(),
            page_calls: DashMap::new(),
            pages: Pages::default(),
            ended: AtomicBool::new(false),
        })
    }

    /// The page link for the actors. It keeps the bridge alive.
    pub fn link(self: &Arc<Self>) -> Box<dyn PageLink> {
        Box::new(Link(Arc::clone(self)))
    }

    /// Sets the actors, once.
    pub fn bind(&self, system: &Arc<System>) {
        self.app.bind(system);
    }

    /// The actors, while the app lives.
    pub fn system(&self) -> Option<Arc<System>> {
        self.app.system()
    }

    /// Marks the current thread as the UI thread.
    pub fn mark_ui_thread(&self) {
        self.app.mark_ui_thread();
    }

    /// Adds the page of the webview `label`.
    pub(crate) fn add_webview(&self, label: &str, page: Arc<dyn Page>) {
        self.pages.add(label, page, Arc::clone(&self.app));
    }

    /// Notes that the document of a webview is gone: another begins, or its process has died.
    pub(crate) fn page_started(&self, label: &str) {
        if let Some(outgoing) = self.outgoing(label) {
            outgoing.begin();
        }
    }

    /// The backlog of the page in the window `label`. `None`: the window is gone.
    pub(crate) fn outgoing(&self, label: &str) -> Option<Arc<Outgoing>> {
        self.pages.outgoing(label)
    }

    /// The backlogs of all windows.
    pub(crate) fn outgoings(&self) -> Vec<(Name, Arc<Outgoing>)> {
        self.pages.outgoings()
    }

    /// Sends an event that has room to the page in the window `label` only. False: it is gone.
    pub(crate) fn emit(&self, label: &str, event: &str, payload: &str) -> bool {
        let Some((page, outgoing)) = self.pages.entry(label) else {
            return false;
        };
        let there = page.emit(event, payload);
        outgoing.give(payload.len());
        there
    }

    /// Whether the document in a webview has said hello.
    pub(super) fn is_served(&self, label: &str) -> bool {
        self.outboxes.contains_key(label)
    }

    /// Makes a page fetch again what it has not fetched.
    #[cfg(target_os = "linux")]
    pub(crate) fn fetch_again(&self, label: &str) {
        if let Some((page, outgoing)) = self.pages.entry(label) {
            for script in outgoing.scripts() {
                page.run(script);
            }
        }
    }

    /// Whether there is a webview `label`.
    pub(crate) fn has_webview(&self, label: &str) -> bool {
        self.pages.has(label)
    }

    /// The page of a window. `None`: it is gone.
    pub(crate) fn page(&self, label: &str) -> Option<Arc<dyn Page>> {
        self.pages.of(label)
    }

    /// Notes that a window is gone.
    pub(crate) fn remove_webview(&self, label: &str) {
        self.pages.remove(label);
    }

    /// Removes all webviews because the app ends.
    pub(crate) fn remove_webviews(&self) {
        self.ended.store(true, Ordering::Release);
        self.pages.clear();
    }

    /// Whether the app has ended.
    #[cfg(target_os = "linux")]
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Whether the current thread is the UI thread.
    pub fn is_ui_thread(&self) -> bool {
        self.app.is_ui_thread()
    }

    pub(super) fn keep_hello(&self, ticket: Ticket, answer: HelloAnswer) {
        self.tickets.insert(ticket, Mutex::new(answer));
    }

    pub(super) fn keep_watcher(
        &self,
        ticket: Ticket,
        label: &str,
        epoch: Epoch,
        answer: ReleaseAnswer,
    ) {
        let watcher = Watcher {
            label: label.into(),
            epoch,
            answer: Mutex::new(answer),
        };
        self.watchers.insert(ticket, watcher);
    }

    fn answer_watcher(&self, ticket: Ticket, how: Result<Released, CallError>) {
        if let Some((_, watcher)) = self.watchers.remove(&ticket) {
            let answer = watcher.answer.into_inner();
            answer.unwrap_or_else(PoisonError::into_inner)(how);
        }
    }

    fn outbox(&self, label: &str) -> Option<SharedOutbox> {
        self.outboxes.get(label).map(|outbox| Arc::clone(&outbox))
    }

    /// Takes the page's request for frames.
    pub(super) fn pull(self: &Arc<Self>, label: &str, frame: &PullFrame, answer: PullAnswer) {
        if self.system().is_none() {
            return answer(Err(CallError::shutting_down()));
        }
        let own = |outbox: &SharedOutbox| with(outbox, |it| it.epoch()) == frame.epoch;
        let Some(outbox) = self.outbox(label).filter(own) else {
            return answer(Err(not_current()));
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
    fn look(self: &Arc<Self>, outbox: &SharedOutbox) {
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

    /// Makes a page send again what it has in progress.
    pub(crate) fn tell_lost(&self, label: &str) {
        if let Some(page) = self.pages.of(label) {
            page.tell_lost();
        }
    }

    /// Calls a function of the page that `label` shows. `arg` is JSON. The key identifies the call.
    pub fn call_page(
        self: &Arc<Self>,
        label: &str,
        name: &str,
        arg: Box<RawValue>,
        answer: impl FnOnce(PageCallResult) + Send + 'static,
    ) -> Option<u64> {
        let Some(system) = self.system() else {
            answer(Err(PageCallError::Closed));
            return None;
        };
        let n = system.next_key();
        let frame = PageFunction {
            n,
            name: name.into(),
            arg,
        };
        let call = PageCall {
            label: label.into(),
            answer: Mutex::new(Box::new(answer)),
        };
        self.page_calls.insert(n, call);
        let Some(outbox) = self.outbox(label) else {
            self.answer_page_call(n, Err(PageCallError::Closed));
            return None;
        };
        if !with(&outbox, |outbox| outbox.put_call(frame)) {
            self.answer_page_call(n, Err(PageCallError::Overloaded));
            return None;
        }
        let still_there = |now: SharedOutbox| Arc::ptr_eq(&now, &outbox);
        if !self.outbox(label).is_some_and(still_there) {
            // Its end may have come before this call could be seen by it.
            self.answer_page_call(n, Err(PageCallError::Closed));
            return None;
        }
        self.look(&outbox);
        Some(n)
    }

    /// Drops a call of a page that nobody waits for any more.
    pub fn forget_page_call(&self, n: u64) {
        if let Some((_, call)) = self.page_calls.remove(&n)
            && let Some(outbox) = self.outbox(&call.label)
        {
            with(&outbox, |outbox| outbox.drop_call(n));
        }
    }

    /// Takes the answer of a page. Only the window that was called may answer.
    pub(super) fn page_replied(&self, label: &str, n: u64, result: PageCallResult) {
        let own = self
            .page_calls
            .get(&n)
            .is_some_and(|call| &*call.label == label);
        if own {
            self.answer_page_call(n, result);
        }
    }

    fn answer_page_call(&self, n: u64, result: PageCallResult) {
        if let Some((_, call)) = self.page_calls.remove(&n) {
            if let Some(outbox) = self.outbox(&call.label) {
                with(&outbox, |outbox| outbox.drop_call(n));
            }
            call.answer(result);
        }
    }
}

/// The error for a frame from another document than the window's current one.
pub(super) fn not_current() -> CallError {
    CallError::protocol("this document is not the one that said hello")
}

fn with<T>(
    outbox: &Mutex<Outbox<WaitingPull>>,
    act: impl FnOnce(&mut Outbox<WaitingPull>) -> T,
) -> T {
    act(&mut outbox.lock().unwrap_or_else(PoisonError::into_inner))
}

fn answer_pull(pull: Option<(WaitingPull, Vec<Down>)>) {
    if let Some((pull, frames)) = pull {
        (pull.answer)(Ok(frames));
    }
}

/// The page link of the actors.
struct Link(Arc<Bridge>);

impl PageLink for Link {
    fn answer(&self, ticket: Ticket, answer: Result<(), CallError>) {
        if let Some((_, hello)) = self.0.tickets.remove(&ticket) {
            let hello = hello.into_inner().unwrap_or_else(PoisonError::into_inner);
            hello(answer);
        }
    }

    fn released(&self, ticket: Ticket, answer: Result<Released, CallError>) {
        self.0.answer_watcher(ticket, answer);
    }

    fn welcome(&self, label: &str, epoch: Epoch) {
        let new = || Arc::new(Mutex::new(Outbox::new(epoch)));
        let mut entry = self.0.outboxes.entry(label.into()).or_insert_with(new);
        if with(&entry, |outbox| outbox.epoch()) != epoch {
            *entry = new();
        }
    }

    fn retire(&self, label: &str, epoch: Epoch) {
        self.0.messages.retire(label, epoch);
        self.0.channels.forget(label);
        let outbox = self
            .0
            .outboxes
            .remove_if(label, |_, outbox| with(outbox, |it| it.epoch()) == epoch);
        if let Some((_, outbox)) = outbox
            && let Some((pull, _)) = with(&outbox, Outbox::flush)
        {
            (pull.answer)(Err(CallError::window_closed()));
        }
        let watchers: Vec<Ticket> = self
            .0
            .watchers
            .iter()
            .filter(|watcher| watcher.epoch == epoch && &*watcher.label == label)
            .map(|watcher| *watcher.key())
            .collect();
        for ticket in watchers {
            self.0
                .answer_watcher(ticket, Err(CallError::window_closed()));
        }
        let orphans: Vec<u64> = self
            .0
            .page_calls
            .iter()
            .filter(|call| &*call.label == label)
            .map(|call| *call.key())
            .collect();
        for n in orphans {
            self.0.answer_page_call(n, Err(PageCallError::Closed));
        }
    }

    fn begin_anew(&self, label: &str, epoch: Epoch) {
        if let Some(page) = self.0.pages.of(label) {
            page.begin_anew(epoch);
        }
    }

    fn progress(&self, call: &Call, progress: &Progress) {
        let request = &call.request;
        if !request.wants_progress {
            return;
        }
        let Some(outbox) = self.0.outbox(&request.window) else {
            return;
        };
        let current = with(&outbox, |outbox| {
            let current = outbox.epoch() == request.page.epoch;
            if current {
                outbox.put_progress(request.page.id, progress.clone());
            }
            current
        });
        if current {
            self.0.look(&outbox);
        }
    }

    fn open_channel(&self, call: &Call, number: u32) -> Result<Arc<dyn PageChannel>, NoChannel> {
        let page = self.0.pages.of(&call.request.window);
        page.ok_or(NoChannel::Gone)?.open_channel(number)
    }

    fn emit(&self, call: &Call, event: &str, payload: &str) -> bool {
        let label = &call.request.window;
        if let Some(outgoing) = self.0.outgoing(label) {
            outgoing.charge(payload.len());
        }
        self.0.emit(label, event, payload)
    }

    fn confirm(&self, call: &Call, receipt: Receipt) {
        if let Some(outgoing) = self.0.outgoing(&call.request.window) {
            outgoing.confirm(receipt);
        }
    }

    fn backlogs(&self) -> BTreeMap<String, Amount> {
        let all = self.0.outgoings().into_iter();
        all.map(|(label, it)| (label.to_string(), it.amount()))
            .collect()
    }
}
