//! Orders the lanes that one obstacle, such as a used-up limit, keeps waiting, by their turns.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    lane::Lane,
    looks,
    turns::{Turn, Turns},
};
use crate::actors::ids::Name;

/// A call's position among those of its window: the smaller one goes first.
pub(super) type Place = i64;
/// The lanes of one class that wait for the same obstacle.
#[derive(Debug)]
pub(super) struct Stand<K> {
    /// The windows, each under the turn that it had when it was last looked at: its current turn,
    /// or an earlier one.
    pub(super) order: BTreeSet<(Turn, Name)>,
    pub(super) windows: HashMap<Name, (Turn, BTreeMap<Place, K>)>,
}

impl<K> Default for Stand<K> {
    fn default() -> Self {
        Self {
            order: BTreeSet::new(),
            windows: HashMap::new(),
        }
    }
}

impl<K: Clone> Stand<K> {
    pub(super) fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// The turn of the next window, and the place of its first call.
    pub(super) fn first(&mut self, turns: &Turns) -> Option<(Turn, Place)> {
        loop {
            looks::count(1);
            let (turn, window) = self.order.first()?;
            let now = turns.of(window);
            if now == *turn {
                let (_, lanes) = self.windows.get(window)?;
                return Some((now, *lanes.first_key_value()?.0));
            }
            // It has had its turn elsewhere since.
            let (_, window) = self.order.pop_first()?;
            self.windows.get_mut(&window)?.0 = now;
            self.order.insert((now, window));
        }
    }

    pub(super) fn at(&self, turn: Turn, place: Place) -> Option<(Name, K)> {
        let (of, window) = self.order.first()?;
        let (_, lanes) = self.windows.get(window).filter(|_| *of == turn)?;
        Some((window.clone(), lanes.get(&place)?.clone()))
    }

    /// Moves a window whose turn is earlier than before.
    pub(super) fn call_up(&mut self, window: &Name, turn: Turn) {
        if let Some((known, _)) = self.windows.get_mut(window) {
            self.order.remove(&(*known, window.clone()));
            *known = turn;
            self.order.insert((turn, window.clone()));
        }
    }

    /// Updates a lane that is added, removed, or has another first call.
    pub(super) fn move_lane(
        &mut self,
        lane: &Lane<K>,
        turn: Turn,
        before: Option<Place>,
        now: Option<Place>,
    ) {
        if !self.windows.contains_key(&lane.window) {
            self.order.insert((turn, lane.window.clone()));
            let lanes = (turn, BTreeMap::new());
            self.windows.insert(lane.window.clone(), lanes);
        }
        if let Some((known, lanes)) = self.windows.get_mut(&lane.window) {
            if let Some(before) = before {
                lanes.remove(&before);
            }
            if let Some(now) = now {
                lanes.insert(now, lane.key.clone());
            }
            if lanes.is_empty() {
                self.order.remove(&(*known, lane.window.clone()));
                self.windows.remove(&lane.window);
            }
        }
    }
}
