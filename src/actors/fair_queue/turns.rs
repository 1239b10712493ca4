//! Keeps the turns of the windows that have waiting calls.

use std::collections::HashMap;

use crate::actors::ids::Name;

/// A window's position among the windows: the smaller one goes first.
pub(super) type Turn = i64;

/// The turns of the windows that have waiting calls of one class.
#[derive(Debug, Default)]
pub(super) struct Turns {
    pub(super) windows: HashMap<Name, (Turn, usize)>,
    last: Turn,
    first: Turn,
}

impl Turns {
    pub(super) fn waits(&self) -> bool {
        !self.windows.is_empty()
    }

    pub(super) fn of(&self, window: &Name) -> Turn {
        self.windows
            .get(window)
            .map_or(self.last, |(turn, _)| *turn)
    }

    /// Counts one more waiting call of the window.
    pub(super) fn enter(&mut self, window: &Name) {
        if let Some((_, calls)) = self.windows.get_mut(window) {
            *calls += 1;
        } else {
            self.last += 1;
            self.windows.insert(window.clone(), (self.last, 1));
        }
    }

    /// Counts one waiting call less.
    pub(super) fn leave(&mut self, window: &Name) {
        if let Some((_, calls)) = self.windows.get_mut(window) {
            *calls -= 1;
            if *calls == 0 {
                self.windows.remove(window);
            }
        }
    }

    pub(super) fn go_last(&mut self, window: &Name) {
        if let Some((turn, _)) = self.windows.get_mut(window) {
            self.last += 1;
            *turn = self.last;
        }
    }

    pub(super) fn go_first(&mut self, window: &Name) -> Turn {
        self.first -= 1;
        if let Some((turn, _)) = self.windows.get_mut(window) {
            *turn = self.first;
        }
        self.first
    }
}
