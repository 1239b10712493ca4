//! Defines the options of a command: its executor, its concurrency, its queue and its timeouts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::key::KeySource;
use crate::actors::ids::Name;

/// What happens to a call that finds no free permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum QueuePolicy {
    /// Up to `limit` calls wait, each for `max_wait` at most; more are refused.
    Wait {
        limit: usize,
        #[serde(default, with = "seconds")]
        max_wait: Option<Duration>,
    },
    /// Refused at once.
    Reject,
    /// A newer call takes the place of the waiting call with the same key.
    Latest {
        key: KeySource,
        /// It also ends the running calls with its key.
        #[serde(default)]
        cancel_running: bool,
    },
    /// Up to `limit` calls wait. For one more, the oldest is dropped.
    DropOldest { limit: usize },
    /// One call with a key runs at a time.
    Serial { key: KeySource },
}

/// What happens to a call when its page goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnClose {
    /// It is cancelled.
    #[default]
    Cancel,
    /// It goes on, as a job.
    Detach,
}

/// The options of a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandSpec {
    /// The executor that runs it.
    pub executor: Name,
    /// How many of its calls run at once; `None` leaves it to the executor and the app's limits.
    #[serde(default)]
    pub concurrency: Option<usize>,
    /// Which calls share that many permits and a queue: all, those of a window, or those with a
    /// key.
    #[serde(default)]
    pub concurrency_per: KeySource,
    /// What happens to calls beyond that.
    pub queue: QueuePolicy,
    /// How long a call may take, from its admission. For a stream: how long each next item may
    /// take.
    #[serde(default, with = "seconds")]
    pub timeout: Option<Duration>,
    /// How long a whole stream may take, from its admission.
    #[serde(default, with = "seconds")]
    pub total_timeout: Option<Duration>,
    /// What happens to a call when its page goes.
    #[serde(default)]
    pub on_close: OnClose,
}

impl CommandSpec {
    /// Creates options under which calls wait in order, as many as the app holds.
    pub fn new(executor: impl Into<Name>, concurrency: Option<usize>, queue: QueuePolicy) -> Self {
        Self {
            executor: executor.into(),
            concurrency,
            concurrency_per: KeySource::App,
            queue,
            timeout: None,
            total_timeout: None,
            on_close: OnClose::Cancel,
        }
    }

    /// The sources of a call's two keys: `permit` and `queue`.
    pub(crate) fn key_sources(&self) -> [KeySource; 2] {
        [self.concurrency_per.clone(), self.queue.key()]
    }
}

impl QueuePolicy {
    /// The policy under which up to `limit` calls wait, for as long as it takes.
    pub fn wait(limit: usize) -> Self {
        let max_wait = None;
        Self::Wait { limit, max_wait }
    }

    fn key(&self) -> KeySource {
        match self {
            Self::Latest { key, .. } | Self::Serial { key } => key.clone(),
            Self::Wait { .. } | Self::Reject | Self::DropOldest { .. } => KeySource::App,
        }
    }

    pub(crate) fn max_wait(&self) -> Option<Duration> {
        match self {
            Self::Wait { max_wait, .. } => *max_wait,
            _ => None,
        }
    }
}

/// Serialises durations as seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        writer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(|it| it.as_secs_f64()).serialize(writer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        reader: D,
    ) -> Result<Option<Duration>, D::Error> {
        let seconds = Option::<f64>::deserialize(reader)?;
        let duration = seconds.map(Duration::try_from_secs_f64);
        duration.transpose().map_err(D::Error::custom)
    }
}
