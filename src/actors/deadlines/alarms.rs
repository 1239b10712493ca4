//! Sets the alarms of calls, and acts on the calls whose time is over.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::machine::{Alarm, DeadlineEffect, DeadlineEvent, DeadlinesMachine};
use crate::actors::{
    actor::{
        shell::{Actor, Failure, Interpret},
        trace::Trace,
    },
    call::cell::Call,
    command::messages::CommandEvent,
    ids::{CallKey, Released},
    stream::items::Items,
    system::{System, interpret::contain_panics},
    window::messages::WindowEvent,
};
use crate::{error::CallError, sync::clock};

/// How long cancelled work has to clean up.
const CLEAN_UP: Duration = Duration::from_secs(5);

impl System {
    /// Makes the call expire at `after` past `since`.
    pub(crate) fn expire(self: &Arc<Self>, call: &Call, since: Instant, after: Duration) {
        if let Some(at) = call.set_deadline(since, after) {
            self.set_alarm(call, Alarm::Expired, at);
        }
    }

    /// Makes a stream expire that takes longer than `after` in all.
    pub(crate) fn expire_whole(self: &Arc<Self>, call: &Call, after: Duration) {
        if let Some(items) = call.items()
            && let Some(at) = call.accepted.checked_add(after)
        {
            items.set_total_timeout(after);
            self.set_alarm(call, Alarm::WholeExpired, at);
        }
    }

    /// Sets an alarm of a call that is not answered yet.
    pub(crate) fn set_alarm(self: &Arc<Self>, call: &Call, alarm: Alarm, at: Instant) {
        self.send_alarm(call, alarm, at);
        if call.is_settled() {
            // It may have settled before its alarm could be found.
            self.tell_deadlines(DeadlineEvent::Forget { call: call.key() });
        }
    }

    /// Starts the time that cancelled work has to clean up.
    pub(crate) fn bound_clean_up(self: &Arc<Self>, call: &Call) {
        self.send_alarm(call, Alarm::CleanUpOver, clock::now() + CLEAN_UP);
        if call.is_released() {
            self.tell_deadlines(DeadlineEvent::Forget { call: call.key() });
        }
    }

    fn send_alarm(self: &Arc<Self>, call: &Call, alarm: Alarm, at: Instant) {
        let (call_key, at) = (call.key(), self.millis_until(at));
        self.tell_deadlines(DeadlineEvent::Set {
            call: call_key,
            alarm,
            at,
        });
        // Behind the message, so that whoever sees the mark can have the alarm forgotten.
        call.mark_timed();
    }

    /// Forgets the alarms of a call. It costs nothing if there are none.
    pub(crate) fn forget_deadlines(self: &Arc<Self>, call: &Call) {
        if call.take_timed() {
            self.tell_deadlines(DeadlineEvent::Forget { call: call.key() });
        }
    }

    fn tell_deadlines(self: &Arc<Self>, event: DeadlineEvent) {
        self.deadlines.send(self, event);
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

    /// Extends the deadline of a stream that still gets items. False: the next item took too long.
    fn put_off(self: &Arc<Self>, call: &Call) -> bool {
        let (Some(items), Some(after)) = (call.items(), call.timeout()) else {
            return false;
        };
        let since = items.waits_since();
        let later = since.checked_add(after).is_none_or(|at| at > clock::now());
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

    fn ring(self: &Arc<Self>, key: CallKey, alarm: Alarm) {
        let Some(call) = self.call(key) else {
            return;
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
}

impl Interpret<DeadlinesMachine> for System {
    contain_panics!();

    fn restart(
        self: &Arc<Self>,
        actor: &Actor<DeadlinesMachine>,
        _: &Failure,
    ) -> Vec<DeadlineEffect> {
        actor.replace(DeadlinesMachine::restarted)
    }

    fn stamp(&self, event: DeadlineEvent) -> DeadlineEvent {
        match event {
            DeadlineEvent::Tick { .. } => DeadlineEvent::Tick { now: self.now() },
            event => event,
        }
    }

    fn carry_out(self: &Arc<Self>, effect: DeadlineEffect) {
        match effect {
            DeadlineEffect::Ring { call, alarm } => self.ring(call, alarm),
            DeadlineEffect::Wake { at } => {
                if let Some(moment) = self.moment(at) {
                    self.deadlines.wake(moment, DeadlineEvent::Tick { now: at });
                }
            }
        }
    }
}
