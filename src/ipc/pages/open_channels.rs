//! Tracks the open channels of pages, so that opening one again gives the same channel.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use crate::actors::{NoChannel, PageChannel};

/// How many ended channels are remembered.
const ENDED: usize = 1024;

/// The number of a channel on its page, and the label of the window.
type ChannelKey = (u32, String);

/// The channels of all pages of an app.
#[derive(Default)]
pub(crate) struct OpenChannels(Mutex<Channels>);

#[derive(Default)]
struct Channels {
    open: HashMap<ChannelKey, Weak<dyn PageChannel>>,
    /// The latest that have ended. A page drops what comes for such a channel.
    ended: VecDeque<ChannelKey>,
}

impl OpenChannels {
    /// The open channel with this number, or the one that `make` makes.
    pub(crate) fn open(
        &self,
        label: &str,
        number: u32,
        make: impl FnOnce() -> Arc<dyn PageChannel>,
    ) -> Result<Arc<dyn PageChannel>, NoChannel> {
        let mut channels = self.lock();
        let key = (number, label.to_owned());
        if let Some(open) = channels.open.get(&key) {
            // Else it is being dropped.
            return open.upgrade().ok_or(NoChannel::Ended);
        }
        if channels.ended.contains(&key) {
            return Err(NoChannel::Ended);
        }
        let made = make();
        channels.open.insert(key, Arc::downgrade(&made));
        Ok(made)
    }

    /// Notes that a channel has ended. To be called when it is dropped.
    pub(crate) fn end(&self, label: &str, number: u32) {
        let mut channels = self.lock();
        let key = (number, label.to_owned());
        // Else its document has gone.
        if channels.open.remove(&key).is_some() {
            channels.ended.push_back(key);
            if channels.ended.len() > ENDED {
                channels.ended.pop_front();
            }
        }
    }

    /// Forgets the channels of a document that is gone.
    pub(crate) fn forget(&self, label: &str) {
        let mut channels = self.lock();
        channels.open.retain(|(_, of), _| of != label);
        channels.ended.retain(|(_, of)| of != label);
    }

    fn lock(&self) -> MutexGuard<'_, Channels> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
