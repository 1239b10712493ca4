//! Pages, for commands that do not hold a webview: by the window that called.

use std::sync::Arc;

use dashmap::DashMap;
use tauri::{
    Manager as _, Runtime, Webview,
    ipc::{InvokeResponseBody, JavaScriptChannelId},
};

use crate::actors::{ChannelMessage, Name, PageChannel, Receipt};

/// The page in a window.
pub(crate) trait Page: Send + Sync {
    /// Opens its channel of this number.
    fn open_channel(&self, number: u32) -> Option<Box<dyn PageChannel>>;
    /// Sends it an event. False: its window is gone.
    fn emit(&self, event: &str, payload: &str) -> bool;
    /// Tells its client that what it has under way may be lost.
    fn tell_lost(&self);
    /// Drops the receipt when it has run what was sent before.
    fn confirm(&self, receipt: Receipt);
}

/// The pages of an app's windows, by label.
#[derive(Default)]
pub(super) struct Pages(DashMap<Name, Arc<dyn Page>>);

impl Pages {
    /// One is there.
    pub(super) fn add(&self, label: &str, page: Arc<dyn Page>) {
        self.0.insert(label.into(), page);
    }

    /// Whether it is there.
    pub(super) fn has(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }

    /// It is gone.
    pub(super) fn remove(&self, label: &str) {
        self.0.remove(label);
    }

    /// All are gone. They hold the app.
    pub(super) fn clear(&self) {
        self.0.clear();
    }

    /// The page of a window. `None`: it is gone.
    pub(super) fn of(&self, label: &str) -> Option<Arc<dyn Page>> {
        self.0.get(label).map(|page| Arc::clone(&page))
    }
}

/// A channel of a page in a webview.
pub(crate) struct WebviewChannel<R: Runtime> {
    channel: tauri::ipc::Channel,
    webview: Webview<R>,
}

impl<R: Runtime> WebviewChannel<R> {
    /// The channel of this number. `None`: Tauri takes no such number.
    pub(crate) fn open(number: u32, webview: Webview<R>) -> Option<Self> {
        let id: JavaScriptChannelId = format!("__CHANNEL__:{number}").parse().ok()?;
        let channel = id.channel_on(webview.clone());
        Some(Self { channel, webview })
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
    fn send(&self, message: ChannelMessage) -> bool {
        // Tauri takes a message to a window that is gone, and drops it on the way.
        let there = self.webview.get_webview_window(self.webview.label());
        there.is_some() && self.channel.send(message.into()).is_ok()
    }
}
