//! Queues calls fairly: interactive ones first, windows in turns, and first in, first out in each.
//!
//! No step looks at more calls because more of them wait.
//!
//! Calls of one class, window and key wait in one *lane*, for one *obstacle*: what keeps the first
//! of them waiting keeps them all. When an obstacle goes, the lanes that wait for it are asked in
//! the order of their turns until one may go. A lane that has met another obstacle moves there.
//!
//! ```text
//! obstacle ─▶ class ─▶ windows, by their turns ─▶ lanes, by their first calls ─▶ calls
//! ```

mod lane;
pub(super) mod looks;
mod stand;
mod turns;

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use self::{
    lane::ByClass,
    stand::{Place, Stand},
    turns::{Turn, Turns},
};
use super::ids::CallKey;

pub use lane::Class;
pub(crate) use lane::Lane;

/// One of this many slots is for a background call, if one waits.
const BACKGROUND_SHARE: usize = 10;

/// The waiting calls. `K` is the key of a lane, `B` an obstacle; users that have neither leave them
/// out. A call that leaves is removed at once, so nothing is kept for a page that queues and
/// cancels without end.
#[derive(Debug)]
pub(crate) struct FairQueue<K = (), B = ()> {
    turns: ByClass<Turns>,
    lanes: HashMap<Lane<K>, Calls<B>>,
    /// The lanes that wait, by obstacle.
    stands: HashMap<B, ByClass<Stand<K>>>,
    places: HashMap<CallKey, (Lane<K>, Place)>,
    /// How many calls in a row went before a background call that waited.
    overtaken: usize,
    /// The places of the last call, and of the first call that was put back.
    last: Place,
    first: Place,
}

/// The calls of one lane.
#[derive(Debug)]
struct Calls<B> {
    obstacle: B,
    by_place: BTreeMap<Place, CallKey>,
}

impl<B> Calls<B> {
    fn first(&self) -> Option<Place> {
        self.by_place.first_key_value().map(|(place, _)| *place)
    }
}

impl<K, B> Default for FairQueue<K, B> {
    fn default() -> Self {
        Self {
            turns: ByClass::default(),
            lanes: HashMap::new(),
            stands: HashMap::new(),
            places: HashMap::new(),
            overtaken: 0,
            last: 0,
            first: 0,
        }
    }
}

impl<K: Clone + Eq + Hash, B: Clone + Eq + Hash> FairQueue<K, B> {
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Adds a call. `obstacle` is what its lane waits for, unless the lane waits already.
    pub(crate) fn push(&mut self, lane: Lane<K>, call: CallKey, obstacle: B) {
        self.last += 1;
        self.insert(lane, self.last, call, obstacle);
    }

    /// Puts a call that had its turn before all others of its class.
    pub(crate) fn put_back(&mut self, lane: Lane<K>, call: CallKey, obstacle: B) {
        self.first -= 1;
        let (class, window) = (lane.class, lane.window.clone());
        self.insert(lane, self.first, call, obstacle);
        let turn = self.turns.of(class).go_first(&window);
        // Where a window waits it is looked for by a turn that is not later than its own.
        for stand in self.stands.values_mut() {
            stand.of(class).call_up(&window, turn);
        }
    }

    /// Takes the next call of the lanes that wait for one of the `free` obstacles. `obstacle` says
    /// what a lane waits for now, which must not be one of the free ones.
    pub(crate) fn pop(
        &mut self,
        free: &[B],
        obstacle: impl Fn(&K) -> Option<B>,
    ) -> Option<(CallKey, Lane<K>)> {
        let background_first = self.overtaken >= BACKGROUND_SHARE - 1;
        let classes = match background_first {
            true => [Class::Background, Class::Interactive],
            false => [Class::Interactive, Class::Background],
        };
        let next = |class| self.pop_class(class, free, &obstacle);
        let (call, lane) = classes.into_iter().find_map(next)?;
        let overtakes = lane.class == Class::Interactive && self.turns.background.waits();
        self.overtaken = if overtakes { self.overtaken + 1 } else { 0 };
        Some((call, lane))
    }

    fn pop_class(
        &mut self,
        class: Class,
        free: &[B],
        obstacle: impl Fn(&K) -> Option<B>,
    ) -> Option<(CallKey, Lane<K>)> {
        while let Some(lane) = self.first_lane(class, free) {
            looks::count(1);
            match obstacle(&lane.key) {
                Some(obstacle) => self.move_lane(&lane, obstacle),
                None => {
                    let (_, call) = self.lanes.get(&lane)?.by_place.first_key_value()?;
                    let call = *call;
                    self.take(call);
                    self.turns.of(class).go_last(&lane.window);
                    return Some((call, lane));
                }
            }
        }
        None
    }

    fn first_lane(&mut self, class: Class, free: &[B]) -> Option<Lane<K>> {
        let turns = self.turns.of(class);
        let mut first: Option<(Turn, Place, &B)> = None;
        for obstacle in free {
            looks::count(1);
            if let Some(stand) = self.stands.get_mut(obstacle)
                && let Some((turn, place)) = stand.of(class).first(turns)
                && first.is_none_or(|(t, p, _)| (turn, place) < (t, p))
            {
                first = Some((turn, place, obstacle));
            }
        }
        let (turn, place, obstacle) = first?;
        let stand = self.stands.get_mut(obstacle)?.of(class);
        let (window, key) = stand.at(turn, place)?;
        Some(Lane { class, window, key })
    }

    /// Removes a call. Returns the lane that it waited in, or `None` if it does not wait here.
    pub(crate) fn remove(&mut self, call: CallKey) -> Option<Lane<K>> {
        self.take(call)
    }

    /// Puts `new` in the place of `old` if both have the same window and class, else at the end.
    /// Returns the lane that `old` waited in.
    pub(crate) fn replace(
        &mut self,
        old: CallKey,
        lane: Lane<K>,
        new: CallKey,
        obstacle: B,
    ) -> Option<Lane<K>> {
        let (of, place) = self.places.get(&old)?;
        if (&of.window, of.class) != (&lane.window, lane.class) {
            self.push(lane, new, obstacle);
            return self.take(old);
        }
        let place = *place;
        // Held meanwhile, so that the window keeps its turn.
        self.turns.of(lane.class).enter(&lane.window);
        let (class, window) = (lane.class, lane.window.clone());
        let of = self.take(old);
        self.insert(lane, place, new, obstacle);
        self.turns.of(class).leave(&window);
        of
    }

    /// Makes every lane wait for `obstacle`.
    pub(crate) fn wait_all(&mut self, obstacle: &B) {
        let others = self.lanes.iter().filter(|(_, it)| it.obstacle != *obstacle);
        let others: Vec<_> = others.map(|(lane, _)| lane.clone()).collect();
        looks::count(self.lanes.len());
        for lane in others {
            self.move_lane(&lane, obstacle.clone());
        }
    }

    /// The keys of the lanes, with the number of calls in each, in no order.
    pub(crate) fn lanes(&self) -> impl Iterator<Item = (&K, usize)> {
        let lanes = self.lanes.iter();
        lanes.map(|(lane, calls)| (&lane.key, calls.by_place.len()))
    }

    fn insert(&mut self, lane: Lane<K>, place: Place, call: CallKey, obstacle: B) {
        self.turns.of(lane.class).enter(&lane.window);
        let calls = self.lanes.entry(lane.clone()).or_insert_with(|| Calls {
            obstacle,
            by_place: BTreeMap::new(),
        });
        let before = calls.first();
        calls.by_place.insert(place, call);
        if before.is_none_or(|before| place < before) {
            let obstacle = calls.obstacle.clone();
            self.restand(&lane, &obstacle, before, Some(place));
        }
        self.places.insert(call, (lane, place));
    }

    /// Removes a call. A window without calls of the class loses its turn.
    fn take(&mut self, call: CallKey) -> Option<Lane<K>> {
        let (lane, place) = self.places.remove(&call)?;
        let calls = self.lanes.get_mut(&lane)?;
        let before = calls.first();
        calls.by_place.remove(&place);
        let now = calls.first();
        if before != now {
            let obstacle = calls.obstacle.clone();
            self.restand(&lane, &obstacle, before, now);
        }
        if now.is_none() {
            self.lanes.remove(&lane);
        }
        self.turns.of(lane.class).leave(&lane.window);
        Some(lane)
    }

    fn move_lane(&mut self, lane: &Lane<K>, obstacle: B) {
        let Some(calls) = self.lanes.get_mut(lane) else {
            return;
        };
        let before = std::mem::replace(&mut calls.obstacle, obstacle.clone());
        let first = calls.first();
        self.restand(lane, &before, first, None);
        self.restand(lane, &obstacle, None, first);
    }

    /// Updates the indexes when the first call of a lane that waits for `obstacle` is another one.
    fn restand(&mut self, lane: &Lane<K>, obstacle: &B, before: Option<Place>, now: Option<Place>) {
        let turn = self.turns.of(lane.class).of(&lane.window);
        if now.is_some() && !self.stands.contains_key(obstacle) {
            self.stands.insert(obstacle.clone(), ByClass::default());
        }
        if let Some(stands) = self.stands.get_mut(obstacle) {
            stands.of(lane.class).move_lane(lane, turn, before, now);
            if stands.interactive.is_empty() && stands.background.is_empty() {
                self.stands.remove(obstacle);
            }
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
