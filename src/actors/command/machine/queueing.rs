//! Decides what becomes of a call that asks for a permit, by the policy of its command's queue.

use super::CommandMachine;
use crate::actors::{
    command::{
        key::{Key, KeySource, Keys},
        messages::CommandEffect,
        permits::obstacle,
        queue::Obstacle,
        spec::QueuePolicy,
    },
    fair_queue::{Class, Lane},
    ids::{CallKey, Name},
};
use crate::error::CallError;

impl CommandMachine {
    pub(super) fn request(
        &mut self,
        call: CallKey,
        window: &Name,
        class: Class,
        keys: Keys,
        effects: &mut Vec<CommandEffect>,
    ) {
        if let QueuePolicy::Latest {
            cancel_running: true,
            ..
        } = self.spec.queue
        {
            self.supersede_running(&keys.queue, effects);
        }
        // Of those that wait, none may go: nobody is overtaken.
        let Some(obstacle) = obstacle(&self.spec, &self.permits, &self.running, &keys) else {
            return self.grant(call, keys, effects);
        };
        let lane = Lane {
            class,
            window: window.clone(),
            key: keys,
        };
        match self.spec.queue {
            QueuePolicy::Wait { limit, .. } if self.waiting_of(&lane.key.permit) < limit => {}
            QueuePolicy::Wait { limit, .. } => {
                let error = self.full(limit);
                return effects.push(CommandEffect::Refuse { call, error });
            }
            QueuePolicy::Reject => {
                let error = self.full(0);
                return effects.push(CommandEffect::Refuse { call, error });
            }
            QueuePolicy::Latest { .. } => {
                return self.supersede_waiting(call, lane, obstacle, effects);
            }
            QueuePolicy::DropOldest { limit } => {
                if self.waiting_of(&lane.key.permit) >= limit {
                    self.drop_oldest(&lane, limit, effects);
                }
            }
            QueuePolicy::Serial { .. } => {}
        }
        self.waiting.push(lane, call, obstacle);
    }

    fn supersede_running(&self, key: &Key, effects: &mut Vec<CommandEffect>) {
        let older = self.running.of(key).filter_map(|call| {
            let executor = self.granted.get(&call)?.executor.clone();
            let error = CallError::superseded(&self.name);
            Some(CommandEffect::Cancel {
                call,
                executor,
                error,
            })
        });
        effects.extend(older);
    }

    /// Queues `call` in the place of the waiting call with the same key.
    fn supersede_waiting(
        &mut self,
        call: CallKey,
        lane: Lane<Keys>,
        obstacle: Obstacle,
        effects: &mut Vec<CommandEffect>,
    ) {
        // Another policy before this one may have let several wait.
        let older = self.waiting.of_queue(&lane.key.queue);
        match older.first() {
            Some(&oldest) => self.waiting.replace(oldest, lane, call, obstacle),
            None => self.waiting.push(lane, call, obstacle),
        }
        for call in older {
            self.waiting.remove(call);
            let error = CallError::superseded(&self.name);
            effects.push(CommandEffect::Refuse { call, error });
        }
    }

    /// Drops the oldest call of the busiest window, so that a flooding window pushes out its own
    /// calls.
    fn drop_oldest(&mut self, lane: &Lane<Keys>, limit: usize, effects: &mut Vec<CommandEffect>) {
        let busiest = self
            .waiting
            .oldest_of_busiest(&lane.window, &lane.key.permit);
        if let Some(call) = busiest {
            self.waiting.remove(call);
            let error = CallError::dropped(&self.name, limit);
            effects.push(CommandEffect::Refuse { call, error });
        }
    }

    fn waiting_of(&self, permit: &Key) -> usize {
        match self.spec.concurrency_per {
            KeySource::App => self.waiting.len(),
            _ => self.waiting.of_permit(permit),
        }
    }

    /// The error of a call that finds `limit` calls waiting.
    fn full(&self, limit: usize) -> CallError {
        let concurrency = self.spec.concurrency.unwrap_or_default();
        CallError::overloaded("command", concurrency.saturating_add(limit))
            .with("queueLimit", limit)
    }
}
