//! Gives keepers their turns in an order that a test decides, on one thread.
//!
//! The messages of one keeper keep their order; those of different keepers overtake each other as
//! they may on the actors' thread.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    keeper::Keeper,
    machine::Machine,
    shell::{ActorRestart, Deliver, Interpret, Keeping, Wake},
};

type QueuedTurn = Box<dyn FnOnce() + Send>;

/// What waits for each keeper.
#[derive(Clone, Default)]
pub(in crate::actors) struct Shuffle(Arc<Mutex<WaitingTurns>>);

#[derive(Default)]
struct WaitingTurns {
    keepers: usize,
    turns: BTreeMap<usize, VecDeque<QueuedTurn>>,
}

impl fmt::Debug for Shuffle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shuffle").finish_non_exhaustive()
    }
}

impl Shuffle {
    /// Gives one keeper a turn. `choose` gets the number of those that have something to do. False:
    /// none has.
    pub(in crate::actors) fn turn(&self, choose: impl FnOnce(usize) -> usize) -> bool {
        let turn = self.with(|waiting| {
            let count = waiting.turns.len();
            if count == 0 {
                return None;
            }
            let keeper = *waiting.turns.keys().nth(choose(count))?;
            let queue = waiting.turns.get_mut(&keeper)?;
            let turn = queue.pop_front();
            if queue.is_empty() {
                waiting.turns.remove(&keeper);
            }
            turn
        });
        turn.map(|turn| turn()).is_some()
    }

    pub(super) fn keep<M: Machine, S: Interpret<M>>(
        &self,
        keeper: Keeper<M, S>,
    ) -> Box<dyn Keeping<M>> {
        let number = self.with(|waiting| {
            waiting.keepers += 1;
            waiting.keepers
        });
        Box::new(ShuffleLink {
            number,
            shuffle: self.clone(),
            keeper: Arc::new(Mutex::new(keeper)),
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut WaitingTurns) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct ShuffleLink<M: Machine, S> {
    number: usize,
    shuffle: Shuffle,
    keeper: Arc<Mutex<Keeper<M, S>>>,
}

impl<M: Machine, S: Interpret<M>> ShuffleLink<M, S> {
    fn tell(&self, act: impl FnOnce(&mut Keeper<M, S>) + Send + 'static) {
        let keeper = Arc::clone(&self.keeper);
        let turn = move || act(&mut keeper.lock().unwrap_or_else(PoisonError::into_inner));
        self.shuffle.with(|waiting| {
            let queue = waiting.turns.entry(self.number).or_default();
            queue.push_back(Box::new(turn));
        });
    }
}

impl<M: Machine, S: Interpret<M>> Keeping<M> for ShuffleLink<M, S> {
    fn deliver(&self, message: Deliver<M>) {
        self.tell(|keeper| keeper.deliver(message));
    }

    fn restart(&self, restart: ActorRestart<M>) -> bool {
        self.tell(|keeper| keeper.restart(restart));
        true
    }

    /// Time stands still.
    fn wake(&self, _: Wake<M::Event>) {}

    fn leave(&self) {}
}
