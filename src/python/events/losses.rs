//! Counts lost events, and decides when to log the count: at once, then once a second.

use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Losses {
    all: u64,
    /// How many of them were logged, and when.
    told: (u64, Option<Instant>),
}

impl Losses {
    pub(crate) const fn new() -> Self {
        Self {
            all: 0,
            told: (0, None),
        }
    }

    pub(crate) const fn add(&mut self) {
        self.all += 1;
    }

    pub(crate) const fn all(&self) -> u64 {
        self.all
    }

    /// How many are to be logged now.
    pub(crate) fn due(&mut self) -> Option<u64> {
        let (known, at) = self.told;
        if self.all == known || at.is_some_and(|at| at.elapsed() < PAUSE) {
            return None;
        }
        self.told = (self.all, Some(Instant::now()));
        Some(self.all - known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_the_others_together() {
        let mut losses = Losses::new();
        assert_eq!(losses.due(), None);
        losses.add();
        assert_eq!(losses.due(), Some(1));
        losses.add();
        losses.add();
        assert_eq!(losses.due(), None);
        losses.told.1 = Instant::now().checked_sub(PAUSE);
        assert_eq!(losses.due(), Some(2));
        assert_eq!(losses.all(), 3);
    }
}
