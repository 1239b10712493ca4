//! Connects the actors to the pages: pulls, hellos, page calls and progress go through here.
//!
//! | file | job |
//! | --- | --- |
//! | `pulls` | answers pulls, and notices pages that do not pull again |
//! | `page_calls` | calls functions of pages |
//! | `link` | the actors' link to the pages |
//! | `waiting` | what waits for a page or is waited for by it |

mod link;
mod page_calls;
mod pulls;
mod waiting;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use dashmap::DashMap;

use self::waiting::{HelloAnswer, ReleaseAnswer, SharedOutbox, WaitingCall, Watcher};
pub use self::waiting::{PageCallError, PageCallResult};
use super::{
    app::AppContext,
    inlets::messages::Messages,
    pages::{open_channels::OpenChannels, page::Page, registry::Pages},
    scope::Scopes,
};
use crate::{
    actors::{Epoch, Name, Outgoing, Released, System, Ticket},
    error::CallError,
};

/// The outboxes, waiting answers and page calls of one app.
pub struct Bridge {
    pub(super) scopes: Scopes,
    pub(crate) messages: Messages,
    pub(crate) channels: OpenChannels,
    app: Arc<AppContext>,
    begin: Instant,
    tickets: DashMap<Ticket, Mutex<HelloAnswer>>,
    watchers: DashMap<Ticket, Watcher>,
    outboxes: DashMap<Name, SharedOutbox>,
    page_calls: DashMap<u64, WaitingCall>,
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

    /// Makes a page send again what it has in progress.
    pub(crate) fn tell_lost(&self, label: &str) {
        if let Some(page) = self.pages.of(label) {
            page.tell_lost();
        }
    }
}
