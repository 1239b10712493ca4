//! Models the fair queue in the simplest way, as the reference for its property tests.
//!
//! Every step looks at all waiting calls.

use std::collections::VecDeque;

use crate::actors::fair_queue::tests::*;

#[derive(Default)]
pub(super) struct Model {
    interactive: RoundRobin,
    background: RoundRobin,
    overtaken: usize,
}

impl Model {
    pub(super) fn push(&mut self, window: &Name, class: Class, call: CallKey) {
        self.of(class).push(window, call);
    }

    pub(super) fn put_back(&mut self, window: &Name, class: Class, call: CallKey) {
        self.of(class).put_back(window, call);
    }

    pub(super) fn pop(&mut self, may: impl Fn(CallKey) -> bool) -> Option<CallKey> {
        let background_first = self.overtaken >= BACKGROUND_SHARE - 1;
        if background_first && let Some(call) = self.pop_background(&may) {
            return Some(call);
        }
        if let Some(call) = self.interactive.pop(&may) {
            self.overtaken = match self.background.0.len() {
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

    pub(super) fn remove(&mut self, call: CallKey) {
        self.interactive.remove(call);
        self.background.remove(call);
    }

    pub(super) fn replace(&mut self, old: CallKey, window: &Name, class: Class, new: CallKey) {
        if !self.of(class).replace(old, window, new) {
            self.push(window, class, new);
            self.remove(old);
        }
    }

    fn of(&mut self, class: Class) -> &mut RoundRobin {
        match class {
            Class::Interactive => &mut self.interactive,
            Class::Background => &mut self.background,
        }
    }
}

/// Windows with waiting calls, in the order of their turns.
#[derive(Default)]
struct RoundRobin(VecDeque<(Name, VecDeque<CallKey>)>);

impl RoundRobin {
    fn push(&mut self, window: &Name, call: CallKey) {
        match self.0.iter_mut().find(|(name, _)| name == window) {
            Some((_, queue)) => queue.push_back(call),
            None => self.0.push_back((window.clone(), [call].into())),
        }
    }

    fn put_back(&mut self, window: &Name, call: CallKey) {
        let turn = self.0.iter().position(|(name, _)| name == window);
        let own = turn.and_then(|turn| self.0.remove(turn));
        let (window, mut queue) = own.unwrap_or_else(|| (window.clone(), VecDeque::new()));
        queue.push_front(call);
        self.0.push_front((window, queue));
    }

    /// Takes the next call. A window whose calls may not go keeps its turn.
    fn pop(&mut self, may: impl Fn(CallKey) -> bool) -> Option<CallKey> {
        let (turn, at) = self.find(may)?;
        let (window, mut queue) = self.0.remove(turn)?;
        let call = queue.remove(at);
        if !queue.is_empty() {
            self.0.push_back((window, queue));
        }
        call
    }

    fn remove(&mut self, call: CallKey) {
        if let Some((turn, at)) = self.find(|waiting| waiting == call) {
            self.0[turn].1.remove(at);
            if self.0[turn].1.is_empty() {
                self.0.remove(turn);
            }
        }
    }

    fn replace(&mut self, old: CallKey, window: &Name, new: CallKey) -> bool {
        let place = self.find(|waiting| waiting == old);
        match place.filter(|(turn, _)| self.0[*turn].0 == *window) {
            Some((turn, at)) => {
                self.0[turn].1[at] = new;
                true
            }
            None => false,
        }
    }

    /// Finds the first call, in the order of the turns, for which `is` is true.
    fn find(&self, is: impl Fn(CallKey) -> bool) -> Option<(usize, usize)> {
        let turns = self.0.iter().enumerate();
        turns
            .map(|(turn, (_, queue))| (turn, queue.iter().position(|call| is(*call))))
            .find_map(|(turn, at)| Some((turn, at?)))
    }
}
