//! Decides when another message may be sent to a page that has not received the earlier ones yet.
//!
//! This is a pure state machine: it has no clock, no lock and no I/O. A message holds *room* from
//! the moment it is entered. It then goes out in one of two ways. As a script: the page has
//! received it when it has run the script. As a parcel: the page fetches it, and says later that it
//! has it; between the two the webview has it. A message that is larger than all the room goes
//! alone. Senders that wait for room get it in the order of their arrival.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use super::amount::Amount;

/// The limit of what may be in transit to a page.
pub(crate) const LIMIT: Amount = Amount {
    messages: 128 * 1024,
    bytes: 64 * 1024 * 1024,
};
/// The page is asked how much it has received after each such part of the limit, …
const ASK_AFTER: u64 = 128;
/// … unless so many questions have no answer yet, …
const MOST_ASKED: u64 = 2 * ASK_AFTER;
/// … and a little later, when nothing more was given to it; while somebody waits, soon.
const LOOK: Duration = Duration::from_secs(1);
const LOOK_SOON: Duration = Duration::from_millis(10);

/// Whether a message may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// It has room.
    Taken,
    /// There is no room.
    Full,
    /// The window is gone.
    Gone,
}

/// How much a document has received, once it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Watermark {
    document: u64,
    given: Amount,
}

/// What the caller does after it has given a script to the webview.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BacklogAction {
    Nothing,
    /// Ask the page to come back with this mark when it has run all scripts so far.
    Ask(Watermark),
    /// Look later whether there is something to ask.
    Look(Duration),
}

/// The messages in transit to the page of one window. `P` is a parcel. `R` is a receipt, which is
/// dropped when the page has received what was sent before it.
#[derive(Debug)]
pub(crate) struct BacklogMachine<P, R> {
    limit: Amount,
    open: bool,
    /// The number of documents that the window has had.
    document: u64,
    /// Messages that have room, and were neither given to the webview nor parked yet.
    entered: Amount,
    /// Scripts that the webview was given since the document began, and of them …
    given: Amount,
    /// … those after which the page was asked,
    asked: Amount,
    /// and those that it has run.
    run: Amount,
    parcels: BTreeMap<u64, (Amount, P)>,
    parked: Amount,
    next_parcel: u64,
    /// Parcels that the page has fetched since the document began, and of them …
    fetched: Amount,
    /// … those that it has.
    had: Amount,
    /// Receipts that wait until all parcels before them are gone and half of the room is free.
    receipts: Vec<(u64, R)>,
    waiting: VecDeque<u64>,
    next_ticket: u64,
    /// How often the page has received something.
    steps: u64,
    look_planned: bool,
    look_soon_planned: bool,
    /// Questions to the document that it has not answered.
    unanswered: u64,
    /// The step at which a sender found that the page receives nothing.
    stood_at: Option<u64>,
}

impl<P, R> BacklogMachine<P, R> {
    pub(crate) fn new(limit: Amount) -> Self {
        Self {
            limit,
            open: true,
            document: 0,
            entered: Amount::default(),
            given: Amount::default(),
            asked: Amount::default(),
            run: Amount::default(),
            parcels: BTreeMap::new(),
            parked: Amount::default(),
            next_parcel: 0,
            fetched: Amount::default(),
            had: Amount::default(),
            receipts: Vec::new(),
            waiting: VecDeque::new(),
            next_ticket: 0,
            steps: 0,
            look_planned: false,
            look_soon_planned: false,
            unanswered: 0,
            stood_at: None,
        }
    }

    /// Everything that is in transit.
    pub(crate) fn amount(&self) -> Amount {
        let mut sum = self.given - self.run;
        sum += self.entered;
        sum += self.parked;
        sum += self.fetched - self.had;
        sum
    }

    /// How often the page has received something.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// Notes that a sender has waited and that the page received nothing.
    pub(crate) fn stands(&mut self) {
        self.stood_at = Some(self.steps);
    }

    /// Whether the page has received nothing since then.
    pub(crate) fn still_stands(&self) -> bool {
        self.stood_at == Some(self.steps)
    }

    fn fits(&self, size: usize) -> bool {
        let mut all = self.amount();
        if all.messages == 0 {
            return true;
        }
        all += Amount::one(size);
        all.messages <= self.limit.messages && all.bytes <= self.limit.bytes
    }

    /// Asks for room for a message of `size` bytes. It does not pass senders that wait.
    pub(crate) fn enter(&mut self, size: usize) -> Room {
        if !self.open {
            return Room::Gone;
        }
        if !self.waiting.is_empty() || !self.fits(size) {
            return Room::Full;
        }
        self.entered += Amount::one(size);
        Room::Taken
    }

    /// Takes room without asking, for a sender that keeps its own count of what it may send.
    pub(crate) fn charge(&mut self, size: usize) {
        self.entered += Amount::one(size);
    }

    /// Lines a sender up for room, and returns its ticket.
    pub(crate) fn line_up(&mut self) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.push_back(ticket);
        ticket
    }

    /// Whether the sender with this ticket must go on waiting with a message of `size` bytes.
    pub(crate) fn waits(&self, ticket: u64, size: usize) -> bool {
        let is_next = self.waiting.front() == Some(&ticket);
        self.open && self.waiting.contains(&ticket) && !(is_next && self.fits(size))
    }

    /// Ends a wait. The result is [`Room::Full`] when the wait was given up.
    pub(crate) fn step_in(&mut self, ticket: u64, size: usize) -> Room {
        let is_next = self.waiting.front() == Some(&ticket);
        self.give_up(ticket);
        if !self.open {
            return Room::Gone;
        }
        if !is_next || !self.fits(size) {
            return Room::Full;
        }
        self.entered += Amount::one(size);
        Room::Taken
    }

    /// Nobody waits with this ticket any more.
    pub(crate) fn give_up(&mut self, ticket: u64) {
        self.waiting.retain(|it| *it != ticket);
    }

    /// Gives the room of a message back that is not sent after all.
    pub(crate) fn leave(&mut self, size: usize) {
        self.entered -= Amount::one(size);
    }

    /// Notes that a message with room was given to the webview, as a script.
    pub(crate) fn give(&mut self, size: usize) -> BacklogAction {
        self.leave(size);
        if !self.open {
            return BacklogAction::Nothing;
        }
        self.given += Amount::one(size);
        let since = self.given - self.asked;
        let Amount { messages, bytes } = self.limit;
        if since.messages >= messages / ASK_AFTER || since.bytes >= bytes / ASK_AFTER {
            return BacklogAction::Ask(self.mark());
        }
        self.plan()
    }

    /// Plans a look, when there is something to ask and no look is planned.
    pub(crate) fn plan(&mut self) -> BacklogAction {
        let known = self.given == self.asked && self.fetched == self.had;
        if known || self.unanswered >= MOST_ASKED {
            return BacklogAction::Nothing;
        }
        let soon = !(self.waiting.is_empty() && self.receipts.is_empty());
        let (planned, delay) = match soon {
            true => (&mut self.look_soon_planned, LOOK_SOON),
            false => (&mut self.look_planned, LOOK),
        };
        match std::mem::replace(planned, true) {
            true => BacklogAction::Nothing,
            false => BacklogAction::Look(delay),
        }
    }

    /// Carries out the planned look.
    pub(crate) fn look(&mut self, delay: Duration) -> Option<Watermark> {
        match delay == LOOK_SOON {
            true => self.look_soon_planned = false,
            false => self.look_planned = false,
        }
        let asks = self.given != self.asked || self.fetched != self.had;
        asks.then(|| self.mark())
    }

    fn mark(&mut self) -> Watermark {
        self.asked = self.given;
        self.unanswered += 1;
        Watermark {
            document: self.document,
            given: self.given,
        }
    }

    /// The page has run all scripts before a mark, and says how many of the parcels it has. Its
    /// number counts only up to the parcels that it has fetched.
    #[must_use]
    pub(crate) fn ran(&mut self, mark: Watermark, had: Amount) -> (Vec<R>, BacklogAction) {
        if mark.document == self.document {
            self.unanswered = self.unanswered.saturating_sub(1);
            let had = had.min(self.fetched);
            if mark.given.messages > self.run.messages || had.messages > self.had.messages {
                self.steps += 1;
            }
            self.run = self.run.max(mark.given);
            self.had = self.had.max(had);
        }
        (self.release(), self.plan())
    }

    /// Parks a message with room until the page fetches it by its number. False: no page will.
    pub(crate) fn park(&mut self, size: usize, parcel: impl FnOnce(u64) -> P) -> bool {
        self.leave(size);
        if self.open {
            let (number, amount) = (self.next_parcel, Amount::one(size));
            self.next_parcel += 1;
            self.parked += amount;
            self.parcels.insert(number, (amount, parcel(number)));
        }
        self.open
    }

    /// The page fetches a parcel.
    pub(crate) fn take(&mut self, number: u64) -> Option<(P, Vec<R>, BacklogAction)> {
        let (amount, parcel) = self.parcels.remove(&number)?;
        self.parked -= amount;
        self.fetched += amount;
        self.steps += 1;
        Some((parcel, self.release(), self.plan()))
    }

    fn release(&mut self) -> Vec<R> {
        let first = self.parcels.keys().next().copied().unwrap_or(u64::MAX);
        let all = self.amount();
        let free = all.messages <= self.limit.messages / 2 && all.bytes <= self.limit.bytes / 2;
        let receipts = std::mem::take(&mut self.receipts).into_iter();
        let (over, kept): (Vec<_>, Vec<_>) =
            receipts.partition(|(before, _)| *before <= first && free);
        self.receipts = kept;
        over.into_iter().map(|(_, receipt)| receipt).collect()
    }

    /// The parcels that the page has not fetched.
    pub(crate) fn parcels(&self) -> impl Iterator<Item = &P> {
        self.parcels.values().map(|(_, parcel)| parcel)
    }

    /// The next parcel's number.
    pub(crate) fn next_parcel(&self) -> u64 {
        self.next_parcel
    }

    /// Keeps a receipt until no parcel with a number below `before` is left and half of the room is
    /// free. Returns the receipts for which that is true now.
    #[must_use]
    pub(crate) fn hold(&mut self, before: u64, receipt: R) -> (Vec<R>, BacklogAction) {
        self.receipts.push((before, receipt));
        (self.release(), self.plan())
    }

    /// Starts another document. What was in transit to the one before is forgotten.
    #[must_use]
    pub(crate) fn begin(&mut self) -> (Vec<P>, Vec<R>) {
        self.document += 1;
        self.steps += 1;
        self.given = Amount::default();
        self.asked = Amount::default();
        self.run = Amount::default();
        self.parked = Amount::default();
        self.fetched = Amount::default();
        self.had = Amount::default();
        self.unanswered = 0;
        let parcels = std::mem::take(&mut self.parcels).into_values();
        let receipts = std::mem::take(&mut self.receipts).into_iter();
        (
            parcels.map(|(_, parcel)| parcel).collect(),
            receipts.map(|(_, receipt)| receipt).collect(),
        )
    }

    /// The window is gone.
    #[must_use]
    pub(crate) fn close(&mut self) -> (Vec<P>, Vec<R>) {
        self.open = false;
        self.entered = Amount::default();
        self.begin()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
