//! The timer behind the deadlines, and whom they are told.

use std::{
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    call::Call,
    command::CommandEvent,
    deadlines::{Alarm, Deadlines},
    items::Items,
    message::{CallKey, Released},
    system::System,
    window_message::WindowEvent,
};
use crate::error::CallError;

/// How long cancelled work has to clean up.
const CLEAN_UP: Duration = Duration::from_secs(5);

impl System {
    /// Lets the call expire `after` `since`.
    pub(super) fn expire(self: &Arc<Self>, call: &Arc<Call>, since: Instant, after: Duration) {
        if let Some(at) = call.set_deadline(since, after) {
            self.set_alarm(call, Alarm::Expired, at);
        }
    }

    /// Lets a stream expire that takes longer than `after` in all.
    pub(super) fn expire_whole(self: &Arc<Self>, call: &Arc<Call>, after: Duration) {
        if let Some(items) = call.items()
            && let Some(at) = call.accepted.checked_add(after)
        {
            items.set_total_timeout(after);
            self.set_alarm(call, Alarm::WholeExpired, at);
        }
    }

    pub(super) fn set_alarm(self: &Arc<Self>, call: &Arc<Call>, alarm: Alarm, at: Instant) {
        self.deadlines().set(call.key(), alarm, at);
        if call.is_settled() {
            // It may have settled before its alarm could be found.
            return self.forget_deadlines(call.key());
        }
        self.arm();
    }

    /// Lets the time begin that cancelled work has to clean up.
    pub(super) fn bound_clean_up(self: &Arc<Self>, call: CallKey) {
        let at = Instant::now() + CLEAN_UP;
        self.deadlines().set(call, Alarm::CleanUpOver, at);
        self.arm();
    }

    /// Work that still runs is given up: it keeps its permit, but nobody waits for it any more.
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

    pub(super) fn forget_deadlines(&self, call: CallKey) {
        self.deadlines().remove(call);
    }

    /// Sets the timer to the next alarm. The lock is held until it is set, so that of two the later
    /// setting is the one that holds.
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

    /// A stream expires when the next item takes too long: false, if this one does.
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
