//! The shell that serialises an actor's steps.
//!
//! A step runs where its message arrives. When the actor is busy, the message waits in the mailbox
//! and whoever is in the actor takes it before leaving, so effects are carried out in the order of
//! the steps and no thread ever waits for another. With `TRANSOM_FAST_PATH=0` every message goes
//! through actix instead; the steps are the same.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    machine::Machine,
    runtime::{Post, Runtime},
    trace::Trace,
};
use crate::sync::Mailbox;

/// Carries out what a machine asks for.
pub trait Interpret<M: Machine>: Send + Sync + 'static {
    /// One effect; may send to any actor, this one included.
    fn carry_out(self: &Arc<Self>, effect: M::Effect);

    /// A step or an effect panicked: the machine is as the panic left it.
    fn panicked(self: &Arc<Self>, what: &str);

    /// Where steps are recorded.
    fn trace(&self) -> &Trace;
}

/// One actor: a machine and its mailbox.
pub struct Actor<M: Machine> {
    machine: Mutex<M>,
    mailbox: Mailbox<M::Event>,
    post: Option<Post>,
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
    /// An actor whose messages run inline, or through `runtime` when the fast path is off.
    pub fn new(machine: M, runtime: &Runtime) -> Arc<Self> {
        Arc::new(Self {
            machine: Mutex::new(machine),
            mailbox: Mailbox::new(),
            post: runtime.post(),
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

    /// A look at the machine.
    pub fn look<T>(&self, look: impl FnOnce(&M) -> T) -> T {
        look(&self.machine.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn work<S: Interpret<M>>(&self, world: &Arc<S>) {
        let mut effects = Vec::new();
        self.mailbox
            .work(|event| self.turn(world, event, &mut effects));
    }

    fn turn<S: Interpret<M>>(&self, world: &Arc<S>, event: M::Event, effects: &mut Vec<M::Effect>) {
        contain(world, || {
            world.trace().record::<M>(&event);
            self.machine
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .step(event, effects);
        });
        // Each by itself: the machine has moved on, so an effect that is lost is never made up for.
        for effect in effects.drain(..) {
            contain(world, || world.carry_out(effect));
        }
    }
}

/// Keeps a panic in a part of the work from the rest of it.
pub(super) fn contain<M: Machine, S: Interpret<M>>(world: &Arc<S>, work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        world.panicked(&panic_text(panic.as_ref()));
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".into())
}
