//! Keeps one actor: brings its timer, restarts it after a panic, and with the fast path off hands
//! it its messages.
//!
//! A keeper is an actix actor. All of them live on the thread of the [`super::runtime`]. A keeper
//! holds its actor and its world weakly, and ends with its actor. A message holds its actor, so the
//! last ones reach an actor that nobody else holds any more.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use actix::{
    Actor as _, ActorContext as _, Addr, ArbiterHandle, AsyncContext as _, Context, Handler,
    Message, SpawnHandle,
};

use super::{
    intensity::Intensity,
    machine::Machine,
    shell::{Actor, ActorRestart, Deliver, Failure, Interpret, Keeping, Wake},
};
use crate::sync::clock;

/// The keeper of one actor.
pub(super) struct Keeper<M: Machine, S> {
    actor: Weak<Actor<M>>,
    world: Weak<S>,
    restarts: Intensity,
    timer: Option<Timer>,
    /// Counted by a test.
    #[cfg(test)]
    _alive: Arc<()>,
}

struct Timer {
    at: Instant,
    handle: SpawnHandle,
}

impl<M: Machine, S: Interpret<M>> Keeper<M, S> {
    pub(super) fn new(actor: Weak<Actor<M>>, world: Weak<S>, restarts: Intensity) -> Self {
        Self {
            actor,
            world,
            restarts,
            timer: None,
            #[cfg(test)]
            _alive: Arc::default(),
        }
    }

    /// Starts it on the actors' thread.
    pub(super) fn start(self, arbiter: &ArbiterHandle, orders: &Orders) -> Box<dyn Keeping<M>> {
        #[cfg(test)]
        let this = Self {
            _alive: Arc::clone(&orders.keepers),
            ..self
        };
        #[cfg(not(test))]
        let this = self;
        let address = Self::start_in_arbiter(arbiter, move |_| this);
        let pending = Arc::clone(&orders.pending);
        Box::new(KeeperLink { address, pending })
    }

    pub(super) fn deliver(&self, Deliver { actor, event }: Deliver<M>) {
        if let Some(world) = self.world.upgrade() {
            actor.take(&world, event);
        }
    }

    /// Replaces the machine of an actor that waits for that, and lets the actor go on. A message
    /// that is about no call is handled once more: it would be lost for good.
    pub(super) fn restart(&mut self, ActorRestart { actor, call, again }: ActorRestart<M>) {
        let Some(world) = self.world.upgrade() else {
            return;
        };
        let too_often = self.restarts.is_exceeded(Instant::now());
        actor.restart(&world, &Failure { call, too_often });
        if let Some(event) = again
            && !actor.handle(&world, event, &mut Vec::new())
        {
            let (call, too_often) = (None, self.restarts.is_exceeded(Instant::now()));
            actor.restart(&world, &Failure { call, too_often });
        }
        actor.resume(&world);
    }

    /// Sets the timer.
    fn plan(&mut self, at: Instant, event: M::Event, context: &mut Context<Self>) {
        let delay = clock::until(at).unwrap_or_default();
        let handle = context.run_later(delay, move |keeper, context| {
            keeper.ring(at, event, context);
        });
        self.timer = Some(Timer { at, handle });
    }

    /// Hands the actor the message that its timer brings, unless the clock has stood still
    /// meanwhile.
    fn ring(&mut self, at: Instant, event: M::Event, context: &mut Context<Self>) {
        self.timer = None;
        if clock::until(at).is_some() {
            return self.plan(at, event, context);
        }
        if let (Some(actor), Some(world)) = (self.actor.upgrade(), self.world.upgrade()) {
            actor.take(&world, world.stamp(event));
        }
    }
}

impl<M: Machine, S: Interpret<M>> actix::Actor for Keeper<M, S> {
    type Context = Context<Self>;
}

impl<M: Machine, S: Interpret<M>> Handler<KeeperMessage<Deliver<M>>> for Keeper<M, S> {
    type Result = ();

    fn handle(&mut self, order: KeeperMessage<Deliver<M>>, _: &mut Self::Context) {
        self.deliver(order.what);
    }
}

impl<M: Machine, S: Interpret<M>> Handler<KeeperMessage<ActorRestart<M>>> for Keeper<M, S> {
    type Result = ();

    fn handle(&mut self, order: KeeperMessage<ActorRestart<M>>, _: &mut Self::Context) {
        self.restart(order.what);
    }
}

impl<M: Machine, S: Interpret<M>> Handler<KeeperMessage<Wake<M::Event>>> for Keeper<M, S> {
    type Result = ();

    fn handle(&mut self, order: KeeperMessage<Wake<M::Event>>, context: &mut Self::Context) {
        let Wake { at, event } = order.what;
        if self.timer.as_ref().is_some_and(|timer| timer.at <= at) {
            return;
        }
        if let Some(timer) = self.timer.take() {
            context.cancel_future(timer.handle);
        }
        self.plan(at, event, context);
    }
}

impl<M: Machine, S: Interpret<M>> Handler<KeeperMessage<Leave>> for Keeper<M, S> {
    type Result = ();

    fn handle(&mut self, _: KeeperMessage<Leave>, context: &mut Self::Context) {
        context.stop();
    }
}

/// The actor is gone.
struct Leave;

/// The way to a keeper.
struct KeeperLink<M: Machine, S: Interpret<M>> {
    address: Addr<Keeper<M, S>>,
    /// The orders that the keepers have not carried out.
    pending: Arc<AtomicUsize>,
}

impl<M: Machine, S: Interpret<M>> KeeperLink<M, S> {
    fn give<T>(&self, what: T) -> KeeperMessage<T> {
        self.pending.fetch_add(1, Ordering::AcqRel);
        let pending = Pending(Arc::clone(&self.pending));
        KeeperMessage {
            what,
            _pending: pending,
        }
    }
}

impl<M: Machine, S: Interpret<M>> Keeping<M> for KeeperLink<M, S> {
    fn deliver(&self, message: Deliver<M>) {
        self.address.do_send(self.give(message));
    }

    fn restart(&self, restart: ActorRestart<M>) -> bool {
        let connected = self.address.connected();
        if connected {
            self.address.do_send(self.give(restart));
        }
        connected
    }

    fn wake(&self, wake: Wake<M::Event>) {
        self.address.do_send(self.give(wake));
    }

    fn leave(&self) {
        self.address.do_send(self.give(Leave));
    }
}

/// Counts what all keepers of an app were told and have not done yet.
#[derive(Debug, Clone, Default)]
pub(in crate::actors) struct Orders {
    pending: Arc<AtomicUsize>,
    /// Each keeper holds it.
    #[cfg(test)]
    keepers: Arc<()>,
}

/// What a keeper is told, until it has done that.
struct KeeperMessage<T> {
    what: T,
    _pending: Pending,
}

impl<T: 'static> Message for KeeperMessage<T> {
    type Result = ();
}

struct Pending(Arc<AtomicUsize>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Orders {
    /// Whether the keepers have done what they were told.
    pub(in crate::actors) fn are_done(&self) -> bool {
        self.pending.load(Ordering::Acquire) == 0
    }

    /// How many keepers there are.
    #[cfg(test)]
    pub(in crate::actors) fn keepers(&self) -> usize {
        Arc::strong_count(&self.keepers) - 1
    }
}
