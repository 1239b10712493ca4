//! The channels of pages, for commands that do not hold a webview: by the window that called.

use std::sync::{Mutex, PoisonError};

use dashmap::DashMap;
use tauri::{
    Manager as _, Runtime, Webview,
    ipc::{InvokeResponseBody, JavaScriptChannelId},
};

use crate::actors::{ChannelMessage, Name, PageChannel, Receipt};

/// Opens channels of one page, by their numbers there.
pub(crate) type Open = Box<dyn Fn(u32) -> Option<Box<dyn PageChannel>> + Send + Sync>;

/// The webviews of an app's windows, by label.
#[derive(Default)]
pub(super) struct Webviews(DashMap<Name, Open>);

impl Webviews {
    /// One is there.
    pub(super) fn add(&self, label: &str, open: Open) {
        self.0.insert(label.into(), open);
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

    /// Opens a channel of a page. `None`: its window is gone.
    pub(super) fn open(&self, label: &str, number: u32) -> Option<Box<dyn PageChannel>> {
        self.0.get(label).and_then(|open| open(number))
    }
}

/// Opens channels of the page in a webview.
pub(crate) fn of_webview<R: Runtime>(webview: Webview<R>) -> Open {
    Box::new(move |number| {
        let channel = WebviewChannel::open(number, webview.clone())?;
        Some(Box::new(channel))
    })
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

    fn confirm(&self, receipt: Receipt) {
        // A webview runs scripts in the order in which they came, each message is one. A callback
        // that can be called again is dropped later than it is called.
        let receipt = Mutex::new(Some(receipt));
        let seen = move |_| {
            drop(
                receipt
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take(),
            )
        };
        if let Err(error) = self.webview.eval_with_callback("0", seen) {
            log::debug!("nobody tells how far the page has come: {error}");
        }
    }
}
