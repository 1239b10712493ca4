//! Counts the restarts of an actor, to tell one that fails now and then from one that cannot work.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How many restarts are tolerated within [`WINDOW`].
const RESTARTS: usize = 3;
/// The time over which restarts are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// The latest restarts of one actor.
#[derive(Debug, Clone)]
pub(super) struct Intensity {
    most: usize,
    latest: VecDeque<Instant>,
}

impl Default for Intensity {
    fn default() -> Self {
        Self::tolerating(RESTARTS)
    }
}

impl Intensity {
    /// Tolerates this many restarts within a minute.
    pub(super) const fn tolerating(most: usize) -> Self {
        Self {
            most,
            latest: VecDeque::new(),
        }
    }

    /// Counts one more restart. True: there were too many.
    pub(super) fn is_exceeded(&mut self, now: Instant) -> bool {
        let recent = |at: &Instant| now.saturating_duration_since(*at) < WINDOW;
        self.latest.retain(recent);
        self.latest.push_back(now);
        let exceeded = self.latest.len() > self.most;
        if exceeded {
            // More are not needed to tell the next time.
            self.latest.pop_front();
        }
        exceeded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_restart_within_a_minute_is_too_many() {
        let (mut intensity, begin) = (Intensity::default(), Instant::now());
        let mut at = |seconds| intensity.is_exceeded(begin + Duration::from_secs(seconds));
        assert_eq!(
            [0, 10, 20, 59, 59].map(&mut at),
            [false, false, false, true, true]
        );
        // By then two are left of them.
        assert_eq!([118, 118].map(at), [false, true]);
    }
}
