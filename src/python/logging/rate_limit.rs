//! Limits repeated log lines: the first is logged, then one a second.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const PAUSE: Duration = Duration::from_secs(1);
/// How many kinds of lines are remembered, because a page can invent many.
const KINDS: usize = 256;

/// Whether a line is logged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RateLimitDecision {
    /// It is logged. `silenced` lines like it were not, since the last one that was.
    Speak {
        silenced: u64,
    },
    Silent,
}

/// When each kind of line was logged last, and how many were not logged since.
#[derive(Debug)]
pub(crate) struct Sampler(BTreeMap<String, (Instant, u64)>);

impl Sampler {
    pub(crate) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(crate) fn judge(&mut self, kind: &str, now: Instant) -> RateLimitDecision {
        if let Some((said, silenced)) = self.0.get_mut(kind) {
            if now.saturating_duration_since(*said) < PAUSE {
                *silenced += 1;
                return RateLimitDecision::Silent;
            }
            *said = now;
            let silenced = std::mem::take(silenced);
            return RateLimitDecision::Speak { silenced };
        }
        if self.0.len() >= KINDS {
            self.0
                .retain(|_, (said, _)| now.saturating_duration_since(*said) < PAUSE);
        }
        if self.0.len() >= KINDS {
            return RateLimitDecision::Silent;
        }
        self.0.insert(kind.into(), (now, 0));
        RateLimitDecision::Speak { silenced: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_said_then_one_a_second_of_each_kind() {
        let (mut sampler, start) = (Sampler::new(), Instant::now());
        let mut at = |kind: &str, ms| sampler.judge(kind, start + Duration::from_millis(ms));
        assert_eq!(at("denied", 0), RateLimitDecision::Speak { silenced: 0 });
        assert_eq!(at("denied", 1), RateLimitDecision::Silent);
        assert_eq!(at("panic", 2), RateLimitDecision::Speak { silenced: 0 });
        assert_eq!(at("denied", 999), RateLimitDecision::Silent);
        assert_eq!(at("denied", 1000), RateLimitDecision::Speak { silenced: 2 });
        assert_eq!(at("denied", 1500), RateLimitDecision::Silent);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_old_kinds_make_room() {
        let (mut sampler, start) = (Sampler::new(), Instant::now());
        for n in 0..10 * KINDS {
            sampler.judge(&n.to_string(), start);
        }
        assert_eq!(sampler.0.len(), KINDS);
        let verdict = sampler.judge("new", start + PAUSE);
        assert_eq!(verdict, RateLimitDecision::Speak { silenced: 0 });
    }
}
