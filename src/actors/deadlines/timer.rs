//! Sets the timer for the next deadline, and acts on the calls whose time is over.

use std::{
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::queue::{Alarm, Deadlines};
use crate::actors::{
    call::cell::Call,
    command::messages::CommandEvent,
    ids::{CallKey, Released},
    stream::items::Items,
    system::System,
    window::messages::WindowEvent,
};
use crate::error::CallError;

/// How long cancelled work has to clean up.
const CLEAN_UP: Duration = Duration::from_secs(5);

impl System {
    /// Makes the call expire at `after` past `since`.
    pub(crate) fn expire(self: &Arc<Self>, call: &Arc<Call>, since: Instant, after: Duration) {
        if let Some(at) = call.set_deadline(since, after) {
            self.set_alarm(call, Alarm::Expired, at);
        }
    }

    /// Makes a stream expire that takes longer than `after` in all.
    pub(crate) fn expire_whole(self: &Arc<Self>, call: &Arc<Call>, after: Duration) {
        if let Some(items) = call.items()
            && let Some(at) = call.accepted.checked_add(after)
        {
            items.set_total_timeout(after);
            self.set_alarm(call, Alarm::WholeExpired, at);
        }
    }

    pub(crate) fn set_alarm(self: &Arc<Self>, call: &Arc<Call>, alarm: Alarm, at: Instant) {
        self.deadlines().set(call.key(), alarm, at);
        if call.is_settled() {
            // It may have settled before its alarm could be found.
            return self.forget_deadlines(call.key());
        }
        self.arm();
    }

    /// Starts the time that cancelled work has to clean up.
    pub(crate) fn bound_clean_up(self: &Arc<Self>, call: CallKey) {
        let at = Instant::now() + CLEAN_UP;
        self.deadlines().set(call, Alarm::CleanUpOver, at);
        self.arm();
    }

    /// Gives up work that still runs: it keeps its permit, but nobody waits for it any more.
    fn abandon(&self, call: &Call) {
        if call.is_released() {
            return;
        }
        let (command, window) = (&call.request.command, &call.request.window);
        match self.abandoned.get() {
            Some(tell) => tell(call),
            None => log::warn!("`{command}`, called by `{window}`, still runs after its cancel"),
        }
        self.end(call, Released::Abandoned);
        for attached in self.attached(call.key()) {
            self.end(&attached, Released::Abandoned);
        }
    }

    fn deadlines(&self) -> MutexGuard<'_, Deadlines> {
        self.deadlines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn forget_deadlines(&self, call: CallKey) {
        self.deadlines().remove(call);
    }

    /// Sets the timer to the next alarm. The lock is held until it is set, so that of two settings
    /// the later one holds.
    fn arm(self: &Arc<Self>) {
        let mut deadlines = self.deadlines();
        if let Some(at) = deadlines.arm() {
            let system = Arc::downgrade(self);
            let ring = move || {
                if let Some(system) = system.upgrade() {
                    system.ring();
                }
            };
            let delay = at.saturating_duration_since(Instant::now());
            self.runtime.set_timer(delay, Box::new(ring));
        }
    }

    /// Extends the deadline of a stream that still gets items. False: the next item took too long.
    fn put_off(self: &Arc<Self>, call: &Arc<Call>) -> bool {
        let (Some(items), Some(after)) = (call.items(), call.timeout()) else {
            return false;
        };
        let since = items.waits_since();
        let later = since
            .checked_add(after)
            .is_none_or(|at| at > Instant::now());
        if later {
            self.expire(call, since, after);
        }
        later
    }

    fn end_late(self: &Arc<Self>, call: &Call, timeout: Option<Duration>) {
        let error = CallError::deadline_exceeded(timeout.unwrap_or_default());
        let (window, call) = (&call.request.window, call.key());
        self.tell_page(window, WindowEvent::Revoke { call, error });
    }

    fn ring(self: &Arc<Self>) {
        let due = self.deadlines().due(Instant::now());
        for (key, alarm) in due {
            let Some(call) = self.call(key) else {
                continue;
            };
            match alarm {
                Alarm::Expired if self.put_off(&call) => {}
                Alarm::Expired => self.end_late(&call, call.timeout()),
                Alarm::WholeExpired => {
                    self.end_late(&call, call.items().and_then(Items::total_timeout));
                }
                Alarm::CleanUpOver => self.abandon(&call),
                Alarm::WaitedOut => {
                    self.tell_command_of(key, CommandEvent::WaitedOut { call: key });
                }
            }
        }
        self.arm();
    }
}
