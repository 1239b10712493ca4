//! The one order in which calls wait: background behind interactive, windows in turns, first in
//! first out within one.

use std::{
    cmp::Reverse,
    collections::{HashMap, VecDeque},
};

use serde::{Deserialize, Serialize};

use super::message::{CallKey, Name};

/// How urgent a call is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Somebody waits for it.
    #[default]
    Interactive,
    /// It may wait for others, but not for ever.
    Background,
}

/// Of this many slots one is for the background, when it waits.
const BACKGROUND_SHARE: usize = 10;

/// Waiting calls. A call that leaves does so at once, so nothing is kept for a page that queues
/// and cancels without end.
#[derive(Debug, Default)]
pub(crate) struct FairQueue {
    interactive: RoundRobin,
    background: RoundRobin,
    /// How many calls in a row went before a background call that waited.
    overtaken: usize,
}

impl FairQueue {
    pub(crate) fn len(&self) -> usize {
        self.interactive.len + self.background.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn push(&mut self, window: &Name, class: Class, call: CallKey) {
        self.of(class).push(window, call);
    }

    /// Puts a call that had its turn before all others of its class.
    pub(crate) fn put_back(&mut self, window: &Name, class: Class, call: CallKey) {
        self.of(class).put_back(window, call);
    }

    /// The next call among those that `may` go; they are asked in the order of their turns.
    pub(crate) fn pop(&mut self, may: impl Fn(CallKey) -> bool) -> Option<CallKey> {
        let background_first = self.overtaken >= BACKGROUND_SHARE - 1;
        if background_first && let Some(call) = self.pop_background(&may) {
            return Some(call);
        }
        if let Some(call) = self.interactive.pop(&may) {
            self.overtaken = match self.background.len {
                0 => 0,
                _ => self.overtaken + 1,
            };
            return Some(call);
        }
        self.pop_background(&may)
    }

    fn pop_background(&mut self, may: impl Fn(CallKey) -> bool) -> Option<CallKey> {
        let call = self.background.pop(may)?;
        self.overtaken = 0;
        Some(call)
    }

    /// False: it does not wait here.
    pub(crate) fn remove(&mut self, call: CallKey) -> bool {
        self.interactive.remove(call) || self.background.remove(call)
    }

    /// Puts `new` in the place of `old` where both are of one window and class, else at the end.
    pub(super) fn replace(&mut self, old: CallKey, window: &Name, class: Class, new: CallKey) {
        if !self.of(class).replace(old, window, new) {
            self.remove(old);
            self.push(window, class, new);
        }
    }

    /// Among calls that `count`: the oldest of the window that would have the most of them, if
    /// `window` had one more.
    pub(super) fn oldest_of_busiest(
        &self,
        window: &Name,
        count: impl Fn(CallKey) -> bool,
    ) -> Option<CallKey> {
        let mut windows: HashMap<&Name, (usize, CallKey)> = HashMap::new();
        let classes = [&self.interactive, &self.background];
        for (name, calls) in classes.into_iter().flat_map(|it| &it.turns) {
            for &call in calls.iter().filter(|call| count(**call)) {
                let newcomer = usize::from(name == window);
                let (waiting, oldest) = windows.entry(name).or_insert((newcomer, call));
                *waiting += 1;
                *oldest = call.min(*oldest);
            }
        }
        let busiest = windows.into_values();
        let busiest = busiest.max_by_key(|(waiting, oldest)| (*waiting, Reverse(*oldest)));
        busiest.map(|(_, oldest)| oldest)
    }

    fn of(&mut self, class: Class) -> &mut RoundRobin {
        match class {
            Class::Interactive => &mut self.interactive,
            Class::Background => &mut self.background,
        }
    }
}

/// Windows with waiting calls, in the order of their turns.
#[derive(Debug, Default)]
struct RoundRobin {
    turns: VecDeque<(Name, VecDeque<CallKey>)>,
    len: usize,
}

impl RoundRobin {
    fn push(&mut self, window: &Name, call: CallKey) {
        self.len += 1;
        match self.turns.iter_mut().find(|(name, _)| name == window) {
            Some((_, queue)) => queue.push_back(call),
            None => self.turns.push_back((window.clone(), [call].into())),
        }
    }

    fn put_back(&mut self, window: &Name, call: CallKey) {
        self.len += 1;
        let turn = self.turns.iter().position(|(name, _)| name == window);
        let own = turn.and_then(|turn| self.turns.remove(turn));
        let (window, mut queue) = own.unwrap_or_else(|| (window.clone(), VecDeque::new()));
        queue.push_front(call);
        self.turns.push_front((window, queue));
    }

    /// A window whose calls may not go keeps its turn.
    fn pop(&mut self, may: impl Fn(CallKey) -> bool) -> Option<CallKey> {
        let (turn, at) = self.find(may)?;
        let (window, mut queue) = self.turns.remove(turn)?;
        let call = queue.remove(at);
        self.len -= 1;
        if !queue.is_empty() {
            self.turns.push_back((window, queue));
        }
        call
    }

    fn remove(&mut self, call: CallKey) -> bool {
        let Some((turn, at)) = self.find(|waiting| waiting == call) else {
            return false;
        };
        self.len -= 1;
        self.turns[turn].1.remove(at);
        if self.turns[turn].1.is_empty() {
            self.turns.remove(turn);
        }
        true
    }

    fn replace(&mut self, old: CallKey, window: &Name, new: CallKey) -> bool {
        let place = self.find(|waiting| waiting == old);
        match place.filter(|(turn, _)| self.turns[*turn].0 == *window) {
            Some((turn, at)) => {
                self.turns[turn].1[at] = new;
                true
            }
            None => false,
        }
    }

    /// The first call of the first turn that is looked for.
    fn find(&self, is: impl Fn(CallKey) -> bool) -> Option<(usize, usize)> {
        let turns = self.turns.iter().enumerate();
        turns
            .map(|(turn, (_, queue))| (turn, queue.iter().position(|call| is(*call))))
            .find_map(|(turn, at)| Some((turn, at?)))
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
