//! Decides which calls of one window are admitted, and which end with the window or its document.
//!
//! There is one actor for each label, for all its openings. It owns the document, the calls and
//! their quota.
//!
//! ```text
//! (open) --hello--> (document e) --hello e'--> (document e')      e is retired for ever
//!                        |------page started------> (no document)
//!    any ----------------------closed----------------------------> (closed) --opened--> (open)
//! ```
//!
//! A call without a name belongs to no document of these, but to the page: it ends when the window
//! says that another page starts.
//!
//! A call that was answered but still runs is an *orphan*: it keeps its place in the quota.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::{
    held_calls::{HeldCall, HeldCalls, WindowGauges},
    messages::{WindowEffect, WindowEvent},
    seen_ids::{SeenIds, Sight},
};
use crate::actors::{
    actor::machine::Machine,
    ids::{CallKey, Epoch, Origin, PageCall, Released, Ticket, WindowKey},
};
use crate::error::CallError;

/// How many retired documents are remembered.
const RETIRED: usize = 1024;
/// How many settled calls of a document can still be answered again.
const SETTLED: usize = 32;
/// How many calls that did not run to their end are remembered as such.
const ENDS: usize = 1024;

#[derive(Debug, Default)]
struct Document {
    epoch: Option<Epoch>,
    origin: Option<Origin>,
    seen: SeenIds,
    live: HashMap<u64, CallKey>,
    cancelled_early: BTreeSet<u64>,
    settled: VecDeque<(u64, CallKey)>,
}

/// The state of one window.
#[derive(Debug)]
pub struct WindowMachine {
    key: WindowKey,
    limit: usize,
    closed: bool,
    document: Document,
    /// The previous document and the ids of its calls. It may have sent calls in its last moments.
    left: Option<(Epoch, SeenIds)>,
    retired: VecDeque<Epoch>,
    /// The live calls to which the page has given no name.
    unnamed: BTreeSet<CallKey>,
    /// The admitted calls whose work has not ended, and whether they are orphans.
    held: HeldCalls,
    /// The last calls that did not run to their end, of all documents.
    ends: VecDeque<(PageCall, Released)>,
    /// It was restarted too often, and takes no calls until it is opened again.
    failing: bool,
}

impl WindowMachine {
    /// Creates the state of a window that just opened. `limit` is its quota of calls.
    pub fn new(key: WindowKey, limit: usize) -> Self {
        Self {
            key,
            limit,
            closed: false,
            document: Document::default(),
            left: None,
            retired: VecDeque::new(),
            unnamed: BTreeSet::new(),
            held: HeldCalls::default(),
            ends: VecDeque::new(),
            failing: false,
        }
    }

    /// Reports a closed window that holds no call.
    fn say_when_empty(&self, effects: &mut Vec<WindowEffect>) {
        if self.closed && self.held.is_empty() {
            let window = self.key.clone();
            effects.push(WindowEffect::Empty { window });
        }
    }

    /// The window's label and opening.
    pub fn key(&self) -> &WindowKey {
        &self.key
    }

    /// Whether the window is open.
    pub fn is_open(&self) -> bool {
        !self.closed
    }

    /// The document that may be served now.
    pub fn epoch(&self) -> Option<Epoch> {
        self.document.epoch
    }

    /// Refuses what comes from another document than the one that is served.
    pub fn check_document(&self, epoch: Epoch) -> Result<(), CallError> {
        if self.document.epoch == Some(epoch) && !self.closed {
            Ok(())
        } else if self.closed || self.retired.iter().rev().any(|gone| *gone == epoch) {
            Err(CallError::window_closed())
        } else {
            Err(CallError::unknown_document())
        }
    }

    /// The live call that the document knows by this name.
    pub fn live(&self, page: PageCall) -> Option<CallKey> {
        let current = self.document.epoch == Some(page.epoch);
        current.then(|| self.document.live.get(&page.id).copied())?
    }

    /// What the metrics show.
    pub fn gauges(&self) -> WindowGauges {
        self.held.gauges()
    }

    fn hello(
        &mut self,
        ticket: Ticket,
        epoch: Epoch,
        origin: Origin,
        effects: &mut Vec<WindowEffect>,
    ) {
        if self.closed {
            let error = CallError::window_closed();
            return effects.push(WindowEffect::Unwelcome { ticket, error });
        }
        if self.document.epoch == Some(epoch) && self.document.origin.as_ref() == Some(&origin) {
            return effects.push(self.welcome(ticket, epoch));
        }
        if self.document.epoch == Some(epoch) || self.retired.contains(&epoch) {
            let error = CallError::protocol("this document was retired; reload the page");
            return effects.push(WindowEffect::Unwelcome { ticket, error });
        }
        self.retire(effects);
        self.document.epoch = Some(epoch);
        self.document.origin = Some(origin);
        effects.push(self.welcome(ticket, epoch));
    }

    fn welcome(&self, ticket: Ticket, epoch: Epoch) -> WindowEffect {
        let label = self.key.label.clone();
        WindowEffect::Welcome {
            label,
            ticket,
            epoch,
        }
    }

    fn cancel(&mut self, epoch: Epoch, ids: Vec<u64>, effects: &mut Vec<WindowEffect>) {
        if self.document.epoch != Some(epoch) {
            return;
        }
        let mut calls = BTreeSet::new();
        for id in ids {
            if let Some(&call) = self.document.live.get(&id) {
                calls.insert(call);
            } else if self.document.seen.see(id) == Sight::New {
                // The cancel overtook its call; forget the sight so that the call finds the mark.
                self.document.seen.forget(id);
                self.document.cancelled_early.insert(id);
                if self.document.cancelled_early.len() > self.limit {
                    // The oldest is the one whose call got lost on its way.
                    self.document.cancelled_early.pop_first();
                }
            }
        }
        Self::cancel_all(calls.into_iter().collect(), CallError::aborted(), effects);
    }

    fn cancel_all(calls: Vec<CallKey>, error: CallError, effects: &mut Vec<WindowEffect>) {
        if !calls.is_empty() {
            effects.push(WindowEffect::Cancel { calls, error });
        }
    }

    fn settled(&mut self, call: CallKey, effects: &mut Vec<WindowEffect>) {
        let Some(PageCall { id, .. }) = self.held.answer(call) else {
            return;
        };
        self.unnamed.remove(&call);
        if self.document.live.get(&id) != Some(&call) {
            // Its document is gone: nobody can repeat it.
            return effects.push(WindowEffect::Forget { call });
        }
        self.document.live.remove(&id);
        self.document.settled.push_back((id, call));
        if self.document.settled.len() > SETTLED
            && let Some((_, call)) = self.document.settled.pop_front()
        {
            effects.push(WindowEffect::Forget { call });
        }
    }

    fn watch(
        &mut self,
        ticket: Ticket,
        asker: Epoch,
        page: PageCall,
        effects: &mut Vec<WindowEffect>,
    ) {
        if let Err(error) = self.check_document(asker) {
            let how = Err(error);
            return effects.push(WindowEffect::Ended { ticket, how });
        }
        if let Some(call) = self.find(page) {
            return effects.push(WindowEffect::Watch { ticket, call });
        }
        let known = self.ends.iter().find(|(ended, _)| *ended == page);
        let own = self.document.epoch == Some(page.epoch);
        let how = match known {
            Some((_, how)) => *how,
            // It never came, or is marked and will not start.
            None if own && !self.document.seen.has(page.id) => Released::Cancelled,
            None => Released::Finished,
        };
        effects.push(WindowEffect::Ended {
            ticket,
            how: Ok(how),
        });
    }

    /// The call of this name whose work has not ended.
    fn find(&self, page: PageCall) -> Option<CallKey> {
        let live = (self.document.epoch == Some(page.epoch))
            .then(|| self.document.live.get(&page.id).copied())
            .flatten();
        live.or_else(|| self.held.find(page))
    }

    fn released(&mut self, call: CallKey, how: Released, effects: &mut Vec<WindowEffect>) {
        // Work ends after the answer, but the news of the answer may come later, from another thread.
        self.settled(call, effects);
        let Some(held) = self.held.remove(call) else {
            return;
        };
        if how != Released::Finished {
            self.ends.push_back((held.page, how));
            if self.ends.len() > ENDS {
                self.ends.pop_front();
            }
        }
        self.say_when_empty(effects);
    }

    /// Ends the document and all its calls.
    fn retire(&mut self, effects: &mut Vec<WindowEffect>) {
        let document = std::mem::take(&mut self.document);
        let Some(epoch) = document.epoch else {
            return;
        };
        let mut seen = document.seen;
        for cancelled in document.cancelled_early {
            seen.see(cancelled);
        }
        self.left = Some((epoch, seen));
        self.retired.push_back(epoch);
        if self.retired.len() > RETIRED {
            self.retired.pop_front();
        }
        let mut live: Vec<CallKey> = document.live.into_values().collect();
        live.sort_unstable();
        self.abandon(live, effects);
        let settled = document.settled.into_iter();
        effects.extend(settled.map(|(_, call)| WindowEffect::Forget { call }));
        let label = self.key.label.clone();
        effects.push(WindowEffect::Retire { label, epoch });
    }

    /// Ends all calls of the page, which is gone.
    fn leave_page(&mut self, effects: &mut Vec<WindowEffect>) {
        self.retire(effects);
        let unnamed = std::mem::take(&mut self.unnamed);
        self.abandon(unnamed.into_iter().collect(), effects);
    }

    /// Ends live calls whose page is gone. Those that outlive it become jobs.
    fn abandon(&mut self, mut live: Vec<CallKey>, effects: &mut Vec<WindowEffect>) {
        live.retain(|call| {
            let stays = self.held.outlive_page(*call);
            if stays {
                effects.push(WindowEffect::Detach { call: *call });
            }
            !stays
        });
        Self::cancel_all(live, CallError::window_closed(), effects);
    }

    fn close(&mut self, effects: &mut Vec<WindowEffect>) {
        self.closed = true;
        self.leave_page(effects);
        self.left = None;
        // Again, if it was closed before: a supervisor that was restarted may have lost the news.
        self.say_when_empty(effects);
    }
}

impl Machine for WindowMachine {
    type Event = WindowEvent;
    type Effect = WindowEffect;
    const KIND: &'static str = "window";

    fn call_of(event: &WindowEvent) -> Option<CallKey> {
        match event {
            WindowEvent::Admit { call, .. }
            | WindowEvent::Revoke { call, .. }
            | WindowEvent::Settled { call }
            | WindowEvent::Released { call, .. } => Some(*call),
            _ => None,
        }
    }

    fn step(&mut self, event: WindowEvent, effects: &mut Vec<WindowEffect>) {
        match event {
            WindowEvent::Hello {
                ticket,
                epoch,
                origin,
            } => self.hello(ticket, epoch, origin, effects),
            WindowEvent::Admit {
                call,
                page,
                command,
                detach,
                scope,
            } => {
                let held = HeldCall {
                    page,
                    answered: false,
                    detach,
                    job: false,
                };
                self.admit(call, held, command, &scope, effects);
            }
            WindowEvent::Cancel { epoch, ids } => self.cancel(epoch, ids, effects),
            WindowEvent::Revoke { call, error } => {
                if self.held.is_unanswered(call) {
                    Self::cancel_all(vec![call], error, effects);
                }
            }
            WindowEvent::Settled { call } => self.settled(call, effects),
            WindowEvent::Watch {
                ticket,
                asker,
                page,
            } => self.watch(ticket, asker, page, effects),
            WindowEvent::Released { call, how } => self.released(call, how, effects),
            WindowEvent::Opened { generation } => {
                // The supervisor may say it again.
                self.failing &= self.key.generation == generation;
                self.key.generation = generation;
                self.closed = false;
            }
            WindowEvent::PageStarted => self.leave_page(effects),
            WindowEvent::Closed => self.close(effects),
        }
    }
}

mod admission;
pub(crate) mod restart;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
