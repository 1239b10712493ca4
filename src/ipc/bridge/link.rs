//! Implements `PageLink`, by which the actors send answers, progress and events to pages.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Bridge,
    waiting::{PageCallError, with},
};
use crate::{
    actors::{
        Amount, Call, Epoch, NoChannel, PageChannel, PageLink, Progress, Receipt, Released, Ticket,
    },
    error::CallError,
    ipc::outbox::Outbox,
};

impl Bridge {
    /// The page link for the actors. It keeps the bridge alive.
    pub fn link(self: &Arc<Self>) -> Box<dyn PageLink> {
        Box::new(ActorsLink(Arc::clone(self)))
    }
}

/// The page link of the actors.
struct ActorsLink(Arc<Bridge>);

impl PageLink for ActorsLink {
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
