//! Runs a state machine as an actor: its messages are handled one at a time, from any thread.
//!
//! A step runs where its message arrives. When the actor is busy, the message waits in the mailbox
//! and whoever is in the actor takes it before leaving, so effects are carried out in the order of
//! the steps and no thread ever waits for another. With `TRANSOM_FAST_PATH=0` the actor's keeper
//! hands it every message instead; the steps are the same.
//!
//! A machine whose step or effect panicked may be in any state, so a fresh one takes its place
//! before the next message: see [`Interpret::restart`]. The keeper does that. Until then messages
//! wait.

use std::{
    any::Any,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use super::{machine::Machine, trace::Trace};
use crate::{actors::ids::CallKey, sync::Mailbox};

/// A place at which tests can make an actor panic.
macro_rules! fault {
    ($world:ident, $moment:ident) => {
        #[cfg(any(test, feature = "faults"))]
        $world
            .trace()
            .faults
            .check(M::KIND, super::faults::FaultPoint::$moment);
    };
}

/// Carries out the effects that a machine asks for, and replaces a machine that panicked.
pub trait Interpret<M: Machine>: Send + Sync + 'static {
    /// Carries out one effect. It may send messages to any actor, this one included.
    fn carry_out(self: &Arc<Self>, effect: M::Effect);

    /// Replaces the machine of `actor` by [`Actor::replace`], and returns what must be done then.
    /// Runs between two messages of the actor. What panics in it is logged.
    fn restart(self: &Arc<Self>, actor: &Actor<M>, failure: &Failure) -> Vec<M::Effect>;

    /// Puts the time into a message that the actor's timer brings, if it is one that tells it.
    fn stamp(&self, event: M::Event) -> M::Event {
        event
    }

    /// Reports a panic. A panic in this function is ignored.
    fn panicked(self: &Arc<Self>, what: &str);

    /// The record in which steps are kept.
    fn trace(&self) -> &Trace;
}

/// A panic in a step or an effect of an actor.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    /// The call of the message that was handled.
    pub call: Option<CallKey>,
    /// Whether the actor has been restarted too often lately.
    pub too_often: bool,
}

/// One actor: a machine and its mailbox.
pub struct Actor<M: Machine> {
    machine: Mutex<M>,
    mailbox: Mailbox<M::Event>,
    /// Whether a step runs where its message arrives.
    inline: bool,
    keeper: Box<dyn Keeping<M>>,
}

/// The way to the keeper of an actor.
pub(super) trait Keeping<M: Machine>: Send + Sync {
    /// Has the actor handle a message.
    fn deliver(&self, message: Deliver<M>);

    /// Has the actor restarted. False: there is no keeper any more.
    fn restart(&self, restart: ActorRestart<M>) -> bool;

    /// Sets the actor's timer, unless it goes off before that time anyway.
    fn wake(&self, wake: Wake<M::Event>);

    /// Notes that the actor is gone.
    fn leave(&self);
}

/// A message for an actor.
pub(super) struct Deliver<M: Machine> {
    pub(super) actor: Arc<Actor<M>>,
    pub(super) event: M::Event,
}

/// A message at a time.
pub(super) struct Wake<E> {
    pub(super) at: Instant,
    pub(super) event: E,
}

/// An actor that has handed its turn over because something panicked.
pub(super) struct ActorRestart<M: Machine> {
    pub(super) actor: Arc<Actor<M>>,
    /// The call of the message that was handled.
    pub(super) call: Option<CallKey>,
    /// The message, if it is about no call.
    pub(super) again: Option<M::Event>,
}

impl<M: Machine> std::fmt::Debug for Actor<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Actor")
            .field("machine", &self.machine)
            .field("mailbox", &self.mailbox)
            .finish_non_exhaustive()
    }
}

impl<M: Machine> Drop for Actor<M> {
    fn drop(&mut self) {
        self.keeper.leave();
    }
}

impl<M: Machine> Actor<M> {
    /// Creates an actor whose messages run inline, or are handed to it by its keeper.
    pub(super) fn new(machine: M, inline: bool, keeper: Box<dyn Keeping<M>>) -> Self {
        Self {
            machine: Mutex::new(machine),
            mailbox: Mailbox::new(),
            inline,
            keeper,
        }
    }

    /// Sends one message.
    pub fn send<S: Interpret<M>>(self: &Arc<Self>, world: &Arc<S>, event: M::Event) {
        if self.inline {
            return self.take(world, event);
        }
        let actor = Arc::clone(self);
        self.keeper.deliver(Deliver { actor, event });
    }

    /// Has this message come at that time of [`crate::sync::clock`]. An actor has one timer, which
    /// goes off at the earliest of the times that were asked for. The machine then says when the
    /// next is due.
    pub fn wake(&self, at: Instant, event: M::Event) {
        self.keeper.wake(Wake { at, event });
    }

    /// Reads something from the machine between two steps.
    pub fn look<T>(&self, look: impl FnOnce(&M) -> T) -> T {
        look(&self.machine.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another machine in the place of this one, and returns what `make` gives with it.
    pub fn replace<T>(&self, make: impl FnOnce(&M) -> (M, T)) -> T {
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        let (fresh, rest) = make(&machine);
        *machine = fresh;
        rest
    }

    /// Handles a message here, or leaves it to the thread that is in the actor.
    pub(super) fn take<S: Interpret<M>>(self: &Arc<Self>, world: &Arc<S>, event: M::Event) {
        let mut effects = Vec::new();
        self.mailbox
            .send(event, |event| self.turn(world, event, &mut effects));
    }

    /// Ends a turn that was handed over, after a restart.
    pub(super) fn resume<S: Interpret<M>>(self: &Arc<Self>, world: &Arc<S>) {
        let mut effects = Vec::new();
        self.mailbox
            .resume(|event| self.turn(world, event, &mut effects));
    }

    fn turn<S: Interpret<M>>(
        self: &Arc<Self>,
        world: &Arc<S>,
        event: M::Event,
        effects: &mut Vec<M::Effect>,
    ) -> ControlFlow<()> {
        let call = M::call_of(&event);
        // It would be lost for good: no call tells of it.
        let again = call.is_none().then(|| event.clone());
        if self.handle(world, event, effects) {
            return ControlFlow::Continue(());
        }
        let actor = Arc::clone(self);
        if self.keeper.restart(ActorRestart { actor, call, again }) {
            return ControlFlow::Break(());
        }
        // The app has ended, and with it the keepers.
        ControlFlow::Continue(())
    }

    /// Handles one message. False: something panicked.
    pub(super) fn handle<S: Interpret<M>>(
        &self,
        world: &Arc<S>,
        event: M::Event,
        effects: &mut Vec<M::Effect>,
    ) -> bool {
        // By itself: a logger that panics says nothing of the machine, and there is no telling it.
        let _ = catch_unwind(AssertUnwindSafe(|| world.trace().record::<M>(&event)));
        let mut held = contain(world, || {
            fault!(world, BeforeStep);
            self.machine
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .step(event, effects);
            fault!(world, AfterStep);
        });
        if !held {
            // Half a step is none.
            effects.clear();
        }
        for effect in effects.drain(..) {
            held &= contain(world, || {
                fault!(world, BeforeEffect);
                world.carry_out(effect);
                fault!(world, AfterEffect);
            });
        }
        held
    }

    /// Has the world replace the machine.
    pub(super) fn restart<S: Interpret<M>>(&self, world: &Arc<S>, failure: &Failure) {
        let mut effects = Vec::new();
        contain(world, || effects = world.restart(self, failure));
        for effect in effects {
            contain(world, || world.carry_out(effect));
        }
    }
}

/// Runs a part of the work and contains a panic in it, so that the rest goes on. False: it
/// panicked.
fn contain<M: Machine, S: Interpret<M>>(world: &Arc<S>, work: impl FnOnce()) -> bool {
    let panic = catch_unwind(AssertUnwindSafe(work)).err();
    if let Some(panic) = &panic {
        let report = || world.panicked(&panic_text(panic.as_ref()));
        // A logger of the app's may panic too. Unwinding from here would leave a mailbox that nobody
        // empties any more.
        let _ = catch_unwind(AssertUnwindSafe(report));
    }
    panic.is_none()
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".into())
}
