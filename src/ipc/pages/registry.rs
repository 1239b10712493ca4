//! Keeps the pages of an app's windows, each with its backlog.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use dashmap::DashMap;

use super::page::Page;
use crate::{
    actors::{Amount, Carrier, Count, Name, Outgoing},
    ipc::app::{AppContext, later},
};

/// The pages and their backlogs, by window label.
#[derive(Default)]
pub(crate) struct Pages(DashMap<Name, (Arc<dyn Page>, Arc<Outgoing>)>);

impl Pages {
    /// Adds a page.
    pub(crate) fn add(&self, label: &str, page: Arc<dyn Page>, app: Arc<AppContext>) {
        let carrier = PageCarrier {
            page: Arc::clone(&page),
            app,
        };
        let outgoing = Arc::new(Outgoing::new(Box::new(carrier)));
        let before = self.0.insert(label.into(), (page, outgoing));
        if let Some((_, outgoing)) = before {
            outgoing.close();
        }
    }

    /// Whether the window has a page.
    pub(crate) fn has(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }

    /// Removes a page that is gone.
    pub(crate) fn remove(&self, label: &str) {
        if let Some((_, (_, outgoing))) = self.0.remove(label) {
            outgoing.close();
        }
    }

    /// Removes all pages, because they hold the app.
    pub(crate) fn clear(&self) {
        for (label, _) in self.outgoings() {
            self.remove(&label);
        }
    }

    /// The page of a window. `None`: it is gone.
    pub(crate) fn of(&self, label: &str) -> Option<Arc<dyn Page>> {
        Some(self.entry(label)?.0)
    }

    /// The backlog of a page.
    pub(crate) fn outgoing(&self, label: &str) -> Option<Arc<Outgoing>> {
        Some(self.entry(label)?.1)
    }

    /// The page of a window, and its backlog.
    pub(crate) fn entry(&self, label: &str) -> Option<(Arc<dyn Page>, Arc<Outgoing>)> {
        self.0.get(label).map(|entry| entry.value().clone())
    }

    /// The backlogs of all pages.
    pub(crate) fn outgoings(&self) -> Vec<(Name, Arc<Outgoing>)> {
        let all = self.0.iter();
        all.map(|entry| (Name::clone(entry.key()), Arc::clone(&entry.1)))
            .collect()
    }
}

/// A page as its backlog uses it.
struct PageCarrier {
    page: Arc<dyn Page>,
    app: Arc<AppContext>,
}

impl Carrier for PageCarrier {
    fn confirm(&self, tell: Box<dyn FnOnce(Amount) + Send>) {
        self.page.confirm(tell);
    }

    fn look_later(&self, outgoing: Weak<Outgoing>, delay: Duration) {
        later(delay, move || {
            if let Some(outgoing) = outgoing.upgrade() {
                outgoing.look(delay);
            }
        });
    }

    fn is_ui_thread(&self) -> bool {
        self.app.is_ui_thread()
    }

    fn count(&self, what: Count) {
        if let Some(system) = self.app.system() {
            system.count(what);
        }
    }
}
