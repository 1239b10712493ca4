//! Sends channel messages to the page in a webview, within the limit of the page's backlog.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tauri::{Manager as _, Runtime, Webview, ipc::InvokeResponseBody};

use super::{page::Page, scripts};
use crate::{
    actors::{ChannelMessage, NoChannel, Outgoing, PageChannel},
    ipc::bridge::Bridge,
};

/// A channel of a page. It works like Tauri's own channel, but within the page's backlog.
pub(crate) struct WebviewChannel<R: Runtime> {
    number: u32,
    webview: Webview<R>,
    bridge: Arc<Bridge>,
    outgoing: Arc<Outgoing>,
    /// The number of the next message.
    next: AtomicU32,
}

impl<R: Runtime> WebviewChannel<R> {
    /// Opens the channel with this number, or gives the one that is open.
    pub(crate) fn open(
        number: u32,
        webview: Webview<R>,
    ) -> Result<Arc<dyn PageChannel>, NoChannel> {
        let bridge = webview.try_state::<Arc<Bridge>>().ok_or(NoChannel::Gone)?;
        let bridge = Arc::clone(&bridge);
        let label = webview.label().to_owned();
        let outgoing = bridge.outgoing(&label).ok_or(NoChannel::Gone)?;
        Arc::clone(&bridge).channels.open(&label, number, || {
            Arc::new(Self {
                number,
                webview,
                bridge,
                outgoing,
                next: AtomicU32::new(0),
            })
        })
    }
}

impl From<ChannelMessage> for InvokeResponseBody {
    fn from(message: ChannelMessage) -> Self {
        match message {
            ChannelMessage::Json(text) => Self::Json(text),
            ChannelMessage::Raw(bytes) => Self::Raw(bytes),
        }
    }
}

impl<R: Runtime> PageChannel for WebviewChannel<R> {
    fn outgoing(&self) -> Option<&Arc<Outgoing>> {
        Some(&self.outgoing)
    }

    fn send(&self, message: ChannelMessage) -> bool {
        let (size, label) = (message.size(), self.webview.label());
        // Tauri takes a script for a window that is gone, and drops it on the way.
        if self.webview.get_webview_window(label).is_none() {
            self.outgoing.leave(size);
            return false;
        }
        let (to, place) = (self.number, self.next.fetch_add(1, Ordering::Relaxed));
        // Only a document that has said hello may fetch something of ours.
        if scripts::is_large(&message) && self.bridge.is_served(label) {
            let raw = matches!(message, ChannelMessage::Raw(_));
            let fetch = |parcel| scripts::fetch(to, place, parcel, (raw, size));
            let script = self.outgoing.park(message, fetch);
            return script.is_some_and(|script| Page::run(&self.webview, script));
        }
        let given = Page::run(&self.webview, scripts::message(to, place, &message));
        self.outgoing.give(size);
        given
    }
}

impl<R: Runtime> Drop for WebviewChannel<R> {
    fn drop(&mut self) {
        self.bridge.channels.end(self.webview.label(), self.number);
        self.outgoing.charge(0);
        let place = self.next.load(Ordering::Relaxed);
        Page::run(&self.webview, scripts::end(self.number, place));
        self.outgoing.give(0);
    }
}
