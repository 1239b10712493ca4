//! Makes senders on any thread wait until a page has room for their message.
//!
//! Joins the state machine of a backlog to the world: a lock, a condition variable for threads that
//! wait, and the webview, which tells how much its page has received.

use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use super::{
    amount::Amount,
    machine::{BacklogAction, BacklogMachine, LIMIT, Room, Watermark},
    message::{ChannelMessage, Receipt},
};
use crate::{actors::metrics::counters::Count, sync::Bell};

/// A message that the page fetches, and the script that makes it do so.
#[derive(Debug)]
struct Parked {
    message: ChannelMessage,
    script: String,
}

/// What a backlog needs of the webview.
pub trait Carrier: Send + Sync {
    /// Calls `tell` when the page has run all scripts that the webview was given before, with the
    /// amount of fetched messages that the page has by then. Drops `tell` if that cannot be known.
    fn confirm(&self, tell: Box<dyn FnOnce(Amount) + Send>);

    /// Calls [`Outgoing::look`] after `delay`, with that delay.
    fn look_later(&self, outgoing: Weak<Outgoing>, delay: Duration);

    /// Whether this is the thread that serves the UI.
    fn is_ui_thread(&self) -> bool;

    /// Counts an event in the app's counters.
    fn count(&self, what: Count);
}

/// The messages in transit to the page of one window.
pub struct Outgoing {
    bell: Bell<BacklogMachine<Parked, Receipt>>,
    carrier: Box<dyn Carrier>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outgoing").field(&self.amount()).finish()
    }
}

impl Outgoing {
    /// Creates a backlog with nothing in transit.
    pub fn new(carrier: Box<dyn Carrier>) -> Self {
        Self {
            bell: Bell::new(BacklogMachine::new(LIMIT)),
            carrier,
        }
    }

    /// Whether this is the thread that serves the UI, on which nobody may wait.
    pub fn is_ui_thread(&self) -> bool {
        self.carrier.is_ui_thread()
    }

    /// Counts an event in the app's counters.
    pub fn count(&self, what: Count) {
        self.carrier.count(what);
    }

    /// How much is in transit.
    pub fn amount(&self) -> Amount {
        self.bell.machine().amount()
    }

    /// Asks for room for a message of `size` bytes, without waiting.
    pub fn enter(&self, size: usize) -> Room {
        self.bell.machine().enter(size)
    }

    /// Takes room without asking, for a sender that keeps its own count of what it may send.
    pub fn charge(&self, size: usize) {
        self.bell.machine().charge(size);
    }

    /// Returns a ticket to wait with. It must be passed to `wait`.
    pub fn line_up(&self) -> u64 {
        self.bell.machine().line_up()
    }

    /// Ends the wait of the sender with this ticket.
    pub fn give_up(&self, ticket: u64) {
        self.bell.machine().give_up(ticket);
        self.bell.ring();
    }

    /// Waits for room. The result is [`Room::Full`] when the wait was given up.
    pub fn wait(self: &Arc<Self>, ticket: u64, size: usize) -> Room {
        self.plan();
        self.bell.wait_while(|machine| machine.waits(ticket, size));
        self.step_in(ticket, size)
    }

    /// Whether the page has received nothing since a wait ended for that reason.
    pub fn still_stands(&self) -> bool {
        self.bell.machine().still_stands()
    }

    /// Waits for room for as long as the page goes on receiving. The result is [`Room::Full`] when
    /// it has received nothing for `patience`, or when the wait was given up.
    pub fn wait_while_it_moves(
        self: &Arc<Self>,
        ticket: u64,
        size: usize,
        patience: Duration,
    ) -> Room {
        let mut steps = self.bell.machine().steps();
        self.plan();
        let waits = |machine: &BacklogMachine<_, _>| machine.waits(ticket, size);
        while !self.bell.wait_while_for(waits, patience) {
            let mut machine = self.bell.machine();
            if std::mem::replace(&mut steps, machine.steps()) == machine.steps() {
                machine.stands();
                break;
            }
        }
        self.step_in(ticket, size)
    }

    fn step_in(&self, ticket: u64, size: usize) -> Room {
        let entry = self.bell.machine().step_in(ticket, size);
        // Another may be the next now.
        self.bell.ring();
        entry
    }

    /// Gives the room of a message back that is not sent after all.
    pub fn leave(&self, size: usize) {
        self.bell.machine().leave(size);
        self.bell.ring();
    }

    /// Notes that a message with room was given to the webview, as a script.
    pub fn give(self: &Arc<Self>, size: usize) {
        let next = self.bell.machine().give(size);
        self.go_on(next);
    }

    fn plan(self: &Arc<Self>) {
        let next = self.bell.machine().plan();
        self.go_on(next);
    }

    fn go_on(self: &Arc<Self>, next: BacklogAction) {
        match next {
            BacklogAction::Nothing => {}
            BacklogAction::Ask(mark) => self.ask(mark),
            BacklogAction::Look(delay) => self.carrier.look_later(Arc::downgrade(self), delay),
        }
    }

    /// Looks whether the page must be asked again, after this delay.
    pub fn look(self: &Arc<Self>, delay: Duration) {
        let mark = self.bell.machine().look(delay);
        if let Some(mark) = mark {
            self.ask(mark);
        }
    }

    fn ask(self: &Arc<Self>, mark: Watermark) {
        let this = Arc::downgrade(self);
        let tell = move |had| {
            if let Some(this) = this.upgrade() {
                let news = this.bell.machine().ran(mark, had);
                this.tell(news);
            }
        };
        self.carrier.confirm(Box::new(tell));
    }

    /// Drops receipts and goes on. The lock must not be held here: receipts call other code.
    fn tell(self: &Arc<Self>, (receipts, next): (Vec<Receipt>, BacklogAction)) {
        self.bell.ring();
        drop(receipts);
        self.go_on(next);
    }

    /// Parks a message with room until the page fetches it. `script` makes, from its number, the
    /// script that has the page do so; that script is returned. `None`: the window is gone.
    pub fn park(
        &self,
        message: ChannelMessage,
        script: impl FnOnce(u64) -> String,
    ) -> Option<String> {
        let (size, mut text) = (message.size(), String::new());
        let parcel = |number| {
            text = script(number);
            let script = text.clone();
            Parked { message, script }
        };
        let parked = self.bell.machine().park(size, parcel);
        parked.then_some(text)
    }

    /// The page fetches what is parked under this number.
    pub fn take(self: &Arc<Self>, number: u64) -> Option<ChannelMessage> {
        let taken = self.bell.machine().take(number);
        taken.map(|(parcel, receipts, next)| {
            self.tell((receipts, next));
            parcel.message
        })
    }

    /// The scripts for all messages that the page has not fetched, for a page that may have lost
    /// one.
    pub fn scripts(&self) -> Vec<String> {
        let machine = self.bell.machine();
        machine.parcels().map(|it| it.script.clone()).collect()
    }

    /// Drops the receipt when the page has received what it was sent before and has room for more,
    /// or when that cannot be known.
    pub fn confirm(self: &Arc<Self>, receipt: Receipt) {
        let before = self.bell.machine().next_parcel();
        let this = Arc::downgrade(self);
        let tell = move |_| {
            if let Some(this) = this.upgrade() {
                let news = this.bell.machine().hold(before, receipt);
                this.tell(news);
            }
        };
        self.carrier.confirm(Box::new(tell));
    }

    /// Starts another document. What was in transit to the one before is forgotten.
    pub fn begin(&self) {
        let forgotten = self.bell.machine().begin();
        self.bell.ring();
        drop(forgotten);
    }

    /// Closes the backlog because the window is gone. Threads that wait learn of it.
    pub fn close(&self) {
        let forgotten = self.bell.machine().close();
        self.bell.ring();
        drop(forgotten);
    }
}
