//! Runs a state machine as an actor: its messages are handled one at a time, from any thread.
//!
//! A step runs where its message arrives. When the actor is busy, the message waits in the mailbox
//! and whoever is in the actor takes it before leaving, so effects are carried out in the order of
//! the steps and no thread ever waits for another. With `TRANSOM_FAST_PATH=0` every message goes
//! through actix instead; the steps are the same.
//!
//! A machine whose step or effect panicked may be in any state, so a fresh one takes its place
//! before the next message: see [`Interpret::restart`].

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use super::{
    intensity::Intensity,
    machine::Machine,
    runtime::{Post, Runtime},
    trace::Trace,
};
use crate::{actors::ids::CallKey, sync::Mailbox};

/// A place at which tests can make an actor panic.
macro_rules! fault {
    ($world:ident, $moment:ident) => {
        #[cfg(any(test, feature = "faults"))]
        $world
            .trace()
            .faults
            .check(M::KIND, super::faults::Moment::$moment);
    };
}

/// Carries out the effects that a machine asks for, and replaces a machine that panicked.
pub trait Interpret<M: Machine>: Send + Sync + 'static {
    /// Carries out one effect. It may send messages to any actor, this one included.
    fn carry_out(self: &Arc<Self>, effect: M::Effect);

    /// Replaces the machine of `actor` by [`Actor::replace`], and returns what must be done then.
    /// Runs between two messages of the actor. What panics in it is logged.
    fn restart(self: &Arc<Self>, actor: &Actor<M>, failure: &Failure) -> Vec<M::Effect>;

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
    post: Option<Post>,
    restarts: Mutex<Intensity>,
}

impl<M: Machine> std::fmt::Debug for Actor<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Actor")
            .field("machine", &self.machine)
            .field("mailbox", &self.mailbox)
            .finish_non_exhaustive()
    }
}

impl<M: Machine> Actor<M> {
    /// Creates an actor whose messages run inline, or through `runtime` when the fast path is off.
    pub fn new(machine: M, runtime: &Runtime) -> Arc<Self> {
        Arc::new(Self {
            machine: Mutex::new(machine),
            mailbox: Mailbox::new(),
            post: runtime.post(),
            restarts: Mutex::new(runtime.intensity()),
        })
    }

    /// Sends one message.
    pub fn send<S: Interpret<M>>(self: &Arc<Self>, world: &Arc<S>, event: M::Event) {
        self.mailbox.put(event);
        match &self.post {
            None => self.work(world),
            Some(post) => {
                let (actor, world) = (Arc::clone(self), Arc::clone(world));
                post.run(Box::new(move || actor.work(&world)));
            }
        }
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

    fn work<S: Interpret<M>>(&self, world: &Arc<S>) {
        let mut effects = Vec::new();
        self.mailbox
            .work(|event| self.turn(world, event, &mut effects));
    }

    fn turn<S: Interpret<M>>(&self, world: &Arc<S>, event: M::Event, effects: &mut Vec<M::Effect>) {
        let call = M::call_of(&event);
        // It would be lost for good: no call tells of it.
        let again = call.is_none().then(|| event.clone());
        if self.handle(world, event, effects) {
            return;
        }
        self.restart(world, call);
        if let Some(event) = again
            && !self.handle(world, event, effects)
        {
            self.restart(world, None);
        }
    }

    /// Handles one message. False: something panicked.
    fn handle<S: Interpret<M>>(
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

    fn restart<S: Interpret<M>>(&self, world: &Arc<S>, call: Option<CallKey>) {
        let too_often = self
            .restarts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_exceeded(Instant::now());
        let failure = Failure { call, too_often };
        let mut effects = Vec::new();
        contain(world, || effects = world.restart(self, &failure));
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::actors::{Runtime, ids::CallKey};

    /// Counts its messages, and panics at the first.
    #[derive(Debug, Default)]
    struct Fragile(usize);

    impl Machine for Fragile {
        type Event = ();
        type Effect = usize;

        const KIND: &'static str = "fragile";

        fn call_of((): &()) -> Option<CallKey> {
            None
        }

        fn step(&mut self, (): (), effects: &mut Vec<usize>) {
            self.0 += 1;
            assert!(self.0 > 1, "the first message");
            effects.push(self.0);
        }
    }

    /// A world whose logger panics.
    #[derive(Default)]
    struct World {
        seen: AtomicUsize,
        trace: Trace,
    }

    impl Interpret<Fragile> for World {
        fn carry_out(self: &Arc<Self>, effect: usize) {
            self.seen.store(effect, Ordering::Relaxed);
        }

        fn restart(self: &Arc<Self>, actor: &Actor<Fragile>, _: &Failure) -> Vec<usize> {
            actor.replace(|old| (Fragile(old.0), Vec::new()))
        }

        fn panicked(self: &Arc<Self>, what: &str) {
            panic!("the logger, when told of {what}");
        }

        fn trace(&self) -> &Trace {
            &self.trace
        }
    }

    #[test]
    fn a_logger_that_panics_costs_no_actor() {
        let (runtime, world) = (Runtime::start(true).unwrap(), Arc::new(World::default()));
        let actor = Actor::new(Fragile::default(), &runtime);
        actor.send(&world, ());
        // It was handled again, by the machine that took the other's place.
        assert_eq!(world.seen.load(Ordering::Relaxed), 2);
        actor.send(&world, ());
        assert_eq!(world.seen.load(Ordering::Relaxed), 3);
    }
}
