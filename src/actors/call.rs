//! One call: the cell in which its outcome is decided once.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    hooks::{CancelHook, CancelHooks},
    items::Items,
    keys::{Key, KeySource, keys},
    message::{CallKey, Name, Released, Ticket},
    parcel::Parcel,
    request::{Body, Outcome, Progress, Request},
    scope::Scope,
    timing::{Times, Timing},
};
use crate::{
    error::CallError,
    sync::{Attached, Settlement},
};

/// Carries an outcome to the page. Called once.
pub type Responder = Box<dyn FnOnce(&Call, Outcome) + Send>;

/// Outcomes up to this size can be given again to a repeat of the call.
const REPLAYED: usize = 64 * 1024;
/// How many wait for the end of a call's work; a page that asks more often is at fault.
const WATCHERS: usize = 8;

/// The end of a call's work: who waits to be told of it, then how it was.
enum Ending {
    Awaited(Vec<Ticket>),
    Known(Released),
}

/// What one who asks for the end of a call's work gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// It has ended.
    Ended(Released),
    /// The ticket is given back by [`Call::end`].
    Waits,
    /// Too many wait.
    Full,
}

/// See the module's text.
pub struct Call {
    /// What it brought along; the body is taken when it starts.
    pub request: Request,
    /// What its window may call and reach.
    pub scope: Arc<Scope>,
    /// When it arrived.
    pub accepted: Instant,
    /// The command's actor that granted or queued it. It stays the same when others are registered.
    pub(super) command: OnceLock<Name>,
    body: Mutex<Body>,
    settlement: Settlement<Responder, Outcome>,
    on_cancel: CancelHooks,
    pub(super) timing: Timing,
    progress: Mutex<Option<Progress>>,
    items: Option<Items>,
    ending: Mutex<Ending>,
    /// Its process was killed.
    killed: AtomicBool,
    deadline: Mutex<Option<Deadline>>,
    parcel: Mutex<Option<Parcel>>,
    /// The keys that were read out of its body.
    keys: OnceLock<Result<Vec<(KeySource, Key)>, serde_json::Error>>,
}

/// How long a call may take, and until when that is.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    after: Duration,
    at: Instant,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("key", &self.request.key)
            .field("command", &self.request.command)
            .field("settlement", &self.settlement)
            .finish_non_exhaustive()
    }
}

/// A lock that a panic elsewhere cannot poison: what it guards is replaced whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who is owed an answer, and what.
pub(super) struct Decided(Vec<Responder>, Outcome);

impl Call {
    /// A call that waits for its outcome.
    pub fn new(mut request: Request, scope: Arc<Scope>, responder: Responder) -> Self {
        let body = std::mem::replace(&mut request.body, Body::None);
        let accepted = Instant::now();
        let items = request.stream.map(Items::new);
        Self {
            timing: Timing::new(accepted, &request),
            request,
            scope,
            accepted,
            command: OnceLock::new(),
            body: Mutex::new(body),
            settlement: Settlement::new(responder),
            on_cancel: CancelHooks::default(),
            progress: Mutex::new(None),
            items,
            ending: Mutex::new(Ending::Awaited(Vec::new())),
            killed: AtomicBool::new(false),
            deadline: Mutex::new(None),
            parcel: Mutex::new(None),
            keys: OnceLock::new(),
        }
    }

    /// Its key.
    pub fn key(&self) -> CallKey {
        self.request.key
    }

    /// The body, once.
    pub fn take_body(&self) -> Body {
        std::mem::replace(&mut lock(&self.body), Body::None)
    }

    /// A look at a body that nobody has taken yet.
    pub(crate) fn look_at_body<T>(&self, look: impl FnOnce(&Body) -> T) -> T {
        look(&lock(&self.body))
    }

    /// Reads keys out of the body, all at once.
    pub(super) fn read_keys(&self, sources: Vec<KeySource>) {
        if sources.is_empty() {
            return;
        }
        let keys = self.look_at_body(|body| keys(&sources, &self.request.window, body));
        let keys = keys.map(|keys| sources.into_iter().zip(keys).collect());
        let _ = self.keys.set(keys);
    }

    /// The key by which `command` tells its calls apart: read before, unless the command was
    /// registered anew since.
    pub(crate) fn key_of(&self, source: &KeySource, command: &str) -> Result<Key, CallError> {
        let not_json = |error: &serde_json::Error| CallError::no_key(command, error);
        if matches!(source, KeySource::Pointer(_)) {
            match self.keys.get() {
                Some(Err(error)) => return Err(not_json(error)),
                Some(Ok(keys)) => {
                    if let Some((_, key)) = keys.iter().find(|(known, _)| known == source) {
                        return Ok(key.clone());
                    }
                }
                None => {}
            }
        }
        let read = |body: &Body| source.key(&self.request.window, body);
        self.look_at_body(read).map_err(|error| not_json(&error))
    }

    /// Marks that user code is about to run. False: it must not.
    pub fn begin(&self) -> bool {
        let begins = self.settlement.begin();
        if begins {
            self.timing.begin();
        }
        begins
    }

    /// Whether user code ran or runs.
    pub fn begun(&self) -> bool {
        self.settlement.begun()
    }

    /// How long it took so far.
    pub fn times(&self) -> Times {
        self.timing.times()
    }

    /// The executor that took it.
    pub fn executor(&self) -> Option<&Name> {
        self.timing.executor()
    }

    /// Whether its outcome is decided.
    pub fn is_settled(&self) -> bool {
        self.settlement.is_settled()
    }

    /// Whether somebody asked it to stop.
    pub fn is_cancelled(&self) -> bool {
        self.settlement.is_cancelled()
    }

    /// Whether its work ended.
    pub fn is_released(&self) -> bool {
        self.settlement.is_released()
    }

    /// The items of a stream; `None`: the page wants one value.
    pub fn items(&self) -> Option<&Items> {
        self.items.as_ref()
    }

    /// Asks the work to stop; `ctx.check()` sees it.
    pub(super) fn mark_cancelled(&self) {
        self.settlement.mark_cancelled();
        if let Some(items) = &self.items {
            items.stop();
        }
        self.on_cancel.tell();
    }

    /// Has `hook` told, once, when somebody asks the work to stop; at once when that has happened.
    /// `id` is for [`Call::off_cancel`].
    pub fn on_cancel(&self, id: u64, hook: CancelHook) {
        self.on_cancel.add(id, hook);
    }

    /// Takes a hook off.
    pub fn off_cancel(&self, id: u64) {
        self.on_cancel.remove(id);
    }

    /// Marks that the code of the call came to its end by itself: a cancel did not stop it.
    pub(super) fn mark_ran(&self) {
        self.settlement.mark_ran();
    }

    /// Marks that the work ended with the process that it ran in.
    pub(super) fn mark_killed(&self) {
        self.killed.store(true, Ordering::Release);
    }

    /// How the work ended, as far as it has.
    pub(super) fn how_it_ended(&self) -> Released {
        match &*lock(&self.ending) {
            Ending::Known(how) => *how,
            Ending::Awaited(_) if self.killed.load(Ordering::Acquire) => Released::Killed,
            Ending::Awaited(_) if !self.begun() => Released::Cancelled,
            Ending::Awaited(_) if self.is_cancelled() && !self.settlement.has_run() => {
                Released::Cancelled
            }
            Ending::Awaited(_) => Released::Finished,
        }
    }

    /// Decides how the work ended, once; gives those who waited for it.
    pub(super) fn end(&self, how: Released) -> Vec<Ticket> {
        let mut ending = lock(&self.ending);
        match &mut *ending {
            Ending::Known(_) => Vec::new(),
            Ending::Awaited(tickets) => {
                let tickets = std::mem::take(tickets);
                *ending = Ending::Known(how);
                tickets
            }
        }
    }

    /// Asks for the end of the work.
    pub(super) fn watch(&self, ticket: Ticket) -> Watch {
        match &mut *lock(&self.ending) {
            Ending::Known(how) => Watch::Ended(*how),
            Ending::Awaited(tickets) if tickets.len() >= WATCHERS => Watch::Full,
            Ending::Awaited(tickets) => {
                tickets.push(ticket);
                Watch::Waits
            }
        }
    }

    /// Asks the work to stop unless its code has started. False: it has.
    pub(super) fn cancel_unbegun(&self) -> bool {
        self.settlement.cancel_unbegun()
    }

    /// The work has an outcome. Gives it back when it can be told now: the outcome of a stream
    /// comes after its items.
    pub(super) fn finish(&self, outcome: Outcome) -> Option<Outcome> {
        match &self.items {
            Some(items) => items.finish(outcome),
            None => Some(outcome),
        }
    }

    /// Whether the outcome is decided, or follows items that the page has not pulled yet.
    pub(super) fn has_outcome(&self) -> bool {
        self.is_settled() || self.items.as_ref().is_some_and(Items::has_ended)
    }

    /// Whether the release must wait until the page has the last items of a stream.
    pub(super) fn puts_off_release(&self) -> bool {
        self.items.as_ref().is_some_and(Items::put_off_release)
    }

    /// Whether a release was put off until now.
    pub(super) fn take_release(&self) -> bool {
        self.items.as_ref().is_some_and(Items::take_release)
    }

    /// Marks the work as ended: a body that nobody took goes now, the answer may be kept. True
    /// when nobody needs the call any more.
    pub(super) fn mark_released(&self) -> bool {
        self.take_body();
        self.settlement.mark_released()
    }

    /// Marks the answer as not needed again. True when nobody needs the call any more.
    pub(super) fn mark_forgotten(&self) -> bool {
        self.settlement.mark_forgotten()
    }

    /// The outcome of a job need not be kept any more. True when nobody needs the call any more.
    pub(super) fn mark_dropped(&self) -> bool {
        self.settlement.mark_dropped()
    }

    /// Whether it goes on without its page, or has.
    pub fn is_job(&self) -> bool {
        self.settlement.is_job()
    }

    /// Turns the call into a job: `error` is what its page gets, its outcome is kept whole. False:
    /// it was settled before.
    pub(super) fn become_job(&self, error: CallError) -> bool {
        let Some(responders) = self.settlement.become_job() else {
            return false;
        };
        let mut outcome = Outcome::Error(error);
        self.say_whether_started(&mut outcome);
        self.respond(responders, outcome);
        true
    }

    /// The outcome, where it was kept.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.settlement.kept()
    }

    /// Keeps this error in the place of the outcome.
    pub(super) fn shed(&self, error: CallError) {
        self.settlement.keep(Outcome::Error(error));
    }

    /// Decides the outcome, once, and answers with it. False: it was decided before.
    pub(super) fn settle(&self, outcome: Outcome) -> bool {
        let decided = self.decide(outcome);
        decided.map(|decided| self.answer(decided)).is_some()
    }

    /// Decides the outcome, once: who waits is to be answered. `None`: it was decided before.
    pub(super) fn decide(&self, mut outcome: Outcome) -> Option<Decided> {
        let responders = self.settlement.settle(|| {
            self.say_whether_started(&mut outcome);
            let keep = self.is_job() || outcome.size() <= REPLAYED;
            keep.then(|| outcome.clone())
        })?;
        if let Some(items) = &self.items {
            if !items.has_ended() {
                // A generator that finds nobody may end before the cancel comes.
                self.settlement.mark_cancelled();
            }
            items.close();
        }
        Some(Decided(responders, outcome))
    }

    pub(super) fn answer(&self, Decided(responders, outcome): Decided) {
        self.respond(responders, outcome);
    }

    /// Every error says whether user code ran. Who settles may know better than the cell: a body
    /// is validated after the call began and before the command's own code.
    fn say_whether_started(&self, outcome: &mut Outcome) {
        if let Outcome::Error(error) = outcome {
            let started = || self.begun().into();
            error.details.entry("started").or_insert_with(started);
        }
    }

    fn respond(&self, mut responders: Vec<Responder>, outcome: Outcome) {
        let last = responders.pop();
        for responder in responders {
            self.respond_one(responder, outcome.clone());
        }
        if let Some(responder) = last {
            self.respond_one(responder, outcome);
        }
    }

    /// One page's answer that panics must not cost the others theirs, nor the actors the news.
    fn respond_one(&self, responder: Responder, outcome: Outcome) {
        if catch_unwind(AssertUnwindSafe(|| responder(self, outcome))).is_err() {
            log::error!("the answer of {:?} panicked", self.key());
        }
    }

    /// Lets a repeat of this call wait for, or have, the same outcome.
    pub(super) fn attach(&self, repeat: Vec<Responder>) {
        let (repeat, outcome) = match self.settlement.attach(repeat) {
            Attached::Waiting => return,
            Attached::TooMany(repeat) => (repeat, Err("this call was repeated too often")),
            Attached::Given(repeat, kept) => (
                repeat,
                kept.ok_or("this call was answered before, and its result was too large to keep"),
            ),
        };
        let outcome = outcome.unwrap_or_else(|why| {
            let mut error = Outcome::Error(CallError::protocol(why));
            self.say_whether_started(&mut error);
            error
        });
        self.respond(repeat, outcome);
    }

    /// Gives the right to answer away, to the call that this one repeats.
    pub(super) fn hand_over(&self) -> Vec<Responder> {
        self.settlement.hand_over()
    }

    pub(super) fn put_parcel(&self, parcel: Parcel) {
        *lock(&self.parcel) = Some(parcel);
    }

    /// What a responder keeps until a large result is handed over, when that takes longer than the
    /// responder.
    pub fn take_parcel(&self) -> Option<Parcel> {
        lock(&self.parcel).take()
    }

    /// When it expires.
    pub fn deadline(&self) -> Option<Instant> {
        lock(&self.deadline).map(|deadline| deadline.at)
    }

    /// How long it may take.
    pub(super) fn timeout(&self) -> Option<Duration> {
        lock(&self.deadline).map(|deadline| deadline.after)
    }

    /// Sets when it expires: `after` `since`. A time beyond all clocks never comes.
    pub(super) fn set_deadline(&self, since: Instant, after: Duration) -> Option<Instant> {
        let at = since.checked_add(after);
        *lock(&self.deadline) = at.map(|at| Deadline { after, at });
        at
    }

    /// The latest progress.
    pub fn progress(&self) -> Option<Progress> {
        lock(&self.progress).clone()
    }

    /// Keeps the latest progress.
    pub(super) fn set_progress(&self, progress: Progress) {
        *lock(&self.progress) = Some(progress);
    }
}

impl Drop for Call {
    /// An answer is owed in any case: an unanswered promise would wait for ever.
    fn drop(&mut self) {
        self.settle(Outcome::Error(CallError::internal(
            "the call was lost inside the host; please report this",
        )));
    }
}
