//! Counts the permits of a command that are out, and says what keeps a call waiting.

use std::collections::HashMap;

use super::{
    key::{Key, Keys},
    queue::{Groups, Obstacle},
    spec::{CommandSpec, QueuePolicy},
};

/// Counts by key.
#[derive(Debug, Default)]
pub(super) struct Tally(pub(super) HashMap<Key, usize>);

impl Tally {
    pub(super) fn of(&self, key: &Key) -> usize {
        self.0.get(key).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, key: &Key) {
        *self.0.entry(key.clone()).or_default() += 1;
    }

    pub(super) fn take(&mut self, key: &Key) {
        if let Some(count) = self.0.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(key);
            }
        }
    }
}

/// What keeps a call with these keys waiting now, if anything does.
pub(super) fn obstacle(
    spec: &CommandSpec,
    permits: &Tally,
    running: &Groups,
    keys: &Keys,
) -> Option<Obstacle> {
    let serial = matches!(spec.queue, QueuePolicy::Serial { .. });
    if serial && running.has(&keys.queue) {
        return Some(Obstacle::Running(keys.queue.clone()));
    }
    let out = are_out(spec, permits, &keys.permit);
    out.then(|| Obstacle::Permit(keys.permit.clone()))
}

/// Whether all permits of a key are out.
fn are_out(spec: &CommandSpec, permits: &Tally, key: &Key) -> bool {
    let limit = spec.concurrency;
    limit.is_some_and(|limit| permits.of(key) >= limit)
}

/// Whether an obstacle keeps no call waiting any more.
pub(super) fn is_free(
    spec: &CommandSpec,
    permits: &Tally,
    running: &Groups,
    obstacle: &Obstacle,
) -> bool {
    match obstacle {
        Obstacle::Permit(key) => !are_out(spec, permits, key),
        Obstacle::Running(key) => !running.has(key),
        Obstacle::Unknown => true,
    }
}
