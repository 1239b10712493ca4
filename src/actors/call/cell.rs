//! Holds the state of one call, from its arrival to its outcome, which is decided exactly once.

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    cancel_hooks::{CancelHook, CancelHooks},
    request::{Body, Outcome, Progress, Request},
    result_hold::ResultHold,
    stage::StageMark,
    work_end::{WatchReply, WorkEnd},
};
use crate::actors::{
    command::key::{Key, KeySource, keys},
    ids::{CallKey, Name, Released, Ticket},
    metrics::timing::{Times, Timing},
    stream::items::Items,
    window::scope::Scope,
};
use crate::{
    error::CallError,
    sync::{Settlement, clock},
};

/// Carries an outcome to the page. Called once.
pub type Responder = Box<dyn FnOnce(&Call, Outcome) + Send>;

/// One call. It is shared by all actors, the transport that runs it, and whoever looks at it.
pub struct Call {
    /// What the page sent. The body is taken out when the call starts.
    pub request: Request,
    /// What the calling window may call and reach.
    pub scope: Arc<Scope>,
    /// When the call arrived, by the clock of limits.
    pub accepted: Instant,
    /// The command's actor that granted or queued it. It stays the same when others are registered.
    pub(crate) command: OnceLock<Name>,
    pub(crate) stage: StageMark,
    body: Mutex<Body>,
    settlement: Settlement<Responder, Outcome>,
    on_cancel: CancelHooks,
    pub(crate) timing: Timing,
    progress: Mutex<Option<Progress>>,
    items: Option<Items>,
    work_end: WorkEnd,
    /// Its worker process was killed.
    killed: AtomicBool,
    deadline: Mutex<Option<Deadline>>,
    result_hold: Mutex<Option<ResultHold>>,
    /// The keys that were read out of its body.
    keys: OnceLock<Result<Vec<(KeySource, Key)>, serde_json::Error>>,
}

/// The timeout of a call, and the moment at which it expires.
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

/// Locks a mutex and ignores poisoning: what it guards is always replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Call {
    /// Creates a call that waits for its outcome.
    pub fn new(mut request: Request, scope: Arc<Scope>, responder: Responder) -> Self {
        let body = std::mem::replace(&mut request.body, Body::None);
        let accepted = clock::now();
        let items = request.stream.map(Items::new);
        Self {
            timing: Timing::new(accepted, &request),
            request,
            scope,
            accepted,
            command: OnceLock::new(),
            stage: StageMark::default(),
            body: Mutex::new(body),
            settlement: Settlement::new(responder),
            on_cancel: CancelHooks::default(),
            progress: Mutex::new(None),
            items,
            work_end: WorkEnd::default(),
            killed: AtomicBool::new(false),
            deadline: Mutex::new(None),
            result_hold: Mutex::new(None),
            keys: OnceLock::new(),
        }
    }

    /// Its key.
    pub fn key(&self) -> CallKey {
        self.request.key
    }

    /// Takes the body, once.
    pub fn take_body(&self) -> Body {
        std::mem::replace(&mut lock(&self.body), Body::None)
    }

    /// Looks at the body, if nobody has taken it yet.
    pub(crate) fn look_at_body<T>(&self, look: impl FnOnce(&Body) -> T) -> T {
        look(&lock(&self.body))
    }

    /// Reads the values of `sources` out of the body, all at once.
    pub(crate) fn read_keys(&self, sources: Vec<KeySource>) {
        if sources.is_empty() {
            return;
        }
        let keys = self.look_at_body(|body| keys(&sources, &self.request.window, body));
        let keys = keys.map(|keys| sources.into_iter().zip(keys).collect());
        let _ = self.keys.set(keys);
    }

    /// The key by which `command` keeps its calls apart. It was read before, unless the command was
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

    /// Marks that user code is about to run. False: it must not, as the call was stopped.
    pub fn begin(&self) -> bool {
        let begins = self.settlement.begin();
        if begins {
            self.timing.begin();
        }
        begins
    }

    /// Whether user code has started.
    pub fn begun(&self) -> bool {
        self.settlement.begun()
    }

    /// How long the call has taken so far.
    pub fn times(&self) -> Times {
        self.timing.times()
    }

    /// The executor that took the call.
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
    pub(crate) fn mark_cancelled(&self) {
        self.settlement.mark_cancelled();
        if let Some(items) = &self.items {
            items.stop();
        }
        self.on_cancel.tell();
    }

    /// Runs `hook` once when the work is asked to stop, or at once when that has happened already.
    /// `id` is for [`Call::off_cancel`].
    pub fn on_cancel(&self, id: u64, hook: CancelHook) {
        self.on_cancel.add(id, hook);
    }

    /// Removes a hook.
    pub fn off_cancel(&self, id: u64) {
        self.on_cancel.remove(id);
    }

    /// Marks that the code of the call ran to its end, and that no cancel stopped it.
    pub(crate) fn mark_ran(&self) {
        self.settlement.mark_ran();
    }

    /// Marks that the work ended with the process that it ran in.
    pub(crate) fn mark_killed(&self) {
        self.killed.store(true, Ordering::Release);
    }

    /// How the work ended, as far as that is known.
    pub(crate) fn how_it_ended(&self) -> Released {
        if let Some(how) = self.work_end.known() {
            return how;
        }
        let cut_short = self.is_cancelled() && !self.settlement.has_run();
        if self.killed.load(Ordering::Acquire) {
            Released::Killed
        } else if !self.begun() || cut_short {
            Released::Cancelled
        } else {
            Released::Finished
        }
    }

    /// Notes that alarms are set for the call.
    pub(crate) fn mark_timed(&self) {
        self.settlement.mark_timed();
    }

    /// Whether alarms were set for the call since this was last asked.
    pub(crate) fn take_timed(&self) -> bool {
        self.settlement.take_timed()
    }

    /// Calls [`WorkEnd::end`].
    pub(crate) fn end(&self, how: Released) -> Vec<Ticket> {
        self.work_end.end(how)
    }

    /// Calls [`WorkEnd::watch`].
    pub(crate) fn watch(&self, ticket: Ticket) -> WatchReply {
        self.work_end.watch(ticket)
    }

    /// Asks the work to stop unless its code has started. False: it has started.
    pub(crate) fn cancel_unbegun(&self) -> bool {
        self.settlement.cancel_unbegun()
    }

    /// Notes the outcome of the work. Returns it when it can be sent now: the outcome of a stream
    /// comes after its items.
    pub(crate) fn finish(&self, outcome: Outcome) -> Option<Outcome> {
        match &self.items {
            Some(items) => items.finish(outcome),
            None => Some(outcome),
        }
    }

    /// Whether the outcome is decided, or follows items that the page has not pulled yet.
    pub(crate) fn has_outcome(&self) -> bool {
        self.is_settled() || self.items.as_ref().is_some_and(Items::has_ended)
    }

    /// Whether the release must wait until the page has the last items of a stream.
    pub(crate) fn puts_off_release(&self) -> bool {
        self.items.as_ref().is_some_and(Items::put_off_release)
    }

    /// Whether a release was put off until now.
    pub(crate) fn take_release(&self) -> bool {
        self.items.as_ref().is_some_and(Items::take_release)
    }

    /// Marks the work as ended. A body that nobody took is dropped now; the answer may be kept.
    /// True when nobody needs the call any more.
    pub(crate) fn mark_released(&self) -> bool {
        self.take_body();
        self.settlement.mark_released()
    }

    /// Marks the answer as not needed again. True when nobody needs the call any more.
    pub(crate) fn mark_forgotten(&self) -> bool {
        self.settlement.mark_forgotten()
    }

    /// The outcome of a job need not be kept any more. True when nobody needs the call any more.
    pub(crate) fn mark_dropped(&self) -> bool {
        self.settlement.mark_dropped()
    }

    /// Whether the call goes on, or has gone on, without its page.
    pub fn is_job(&self) -> bool {
        self.settlement.is_job()
    }

    /// Turns the call into a job: `error` is what its page gets, its outcome is kept whole. False:
    /// it was settled before.
    pub(crate) fn become_job(&self, error: CallError) -> bool {
        let Some(responders) = self.settlement.become_job() else {
            return false;
        };
        let mut outcome = Outcome::Error(error);
        self.say_whether_started(&mut outcome);
        self.respond(responders, outcome);
        true
    }

    /// The outcome, where it was kept.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.settlement.kept()
    }

    /// Replaces the kept outcome by this error.
    pub(crate) fn shed(&self, error: CallError) {
        self.settlement.keep(Outcome::Error(error));
    }

    pub(crate) fn put_result_hold(&self, result_hold: ResultHold) {
        *lock(&self.result_hold) = Some(result_hold);
    }

    /// Takes the hold of a large result. A responder keeps it until the result is handed over,
    /// which may take longer than the responder itself.
    pub fn take_result_hold(&self) -> Option<ResultHold> {
        lock(&self.result_hold).take()
    }

    /// When the call expires.
    pub fn deadline(&self) -> Option<Instant> {
        lock(&self.deadline).map(|deadline| deadline.at)
    }

    /// How long the call may take.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        lock(&self.deadline).map(|deadline| deadline.after)
    }

    /// Sets the deadline to `after` past `since`. A time beyond the range of the clock never comes.
    pub(crate) fn set_deadline(&self, since: Instant, after: Duration) -> Option<Instant> {
        let at = since.checked_add(after);
        *lock(&self.deadline) = at.map(|at| Deadline { after, at });
        at
    }

    /// The latest progress that the command reported.
    pub fn progress(&self) -> Option<Progress> {
        lock(&self.progress).clone()
    }

    /// Keeps the latest progress.
    pub(crate) fn set_progress(&self, progress: Progress) {
        *lock(&self.progress) = Some(progress);
    }
}

impl Drop for Call {
    /// Answers the call in any case: an unanswered promise on the page would wait for ever.
    fn drop(&mut self) {
        self.settle(Outcome::Error(CallError::internal(
            "the call was lost inside the host; please report this",
        )));
    }
}

pub(crate) mod answers;
