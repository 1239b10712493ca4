//! The page in a webview, as the bridge sees it: its channels, and the events for its window.

use std::sync::{Mutex, PoisonError};

use tauri::{Manager as _, Runtime, Webview};

use crate::{
    actors::{PageChannel, Receipt},
    ipc::{Page, WebviewChannel},
    python,
};

/// Has the client of a document, if it has one, send again what it has under way. It names nothing
/// and carries nothing, so it may meet any document.
const SEND_AGAIN: &str =
    r#"window[Symbol.for("tauri-plugin-transom-api/client/2")]?.sendAgain?.()"#;

impl<R: Runtime> Page for Webview<R> {
    fn open_channel(&self, number: u32) -> Option<Box<dyn PageChannel>> {
        let channel = WebviewChannel::open(number, self.clone())?;
        Some(Box::new(channel))
    }

    fn emit(&self, event: &str, payload: &str) -> bool {
        let (app, label) = (self.app_handle(), self.label());
        let there = self.get_webview_window(label).is_some();
        if there && let Err(error) = python::deliver_within(app, label, event, payload) {
            log::debug!("an event did not reach the window `{label}`: {error}");
        }
        there
    }

    fn tell_lost(&self) {
        if let Err(error) = self.eval(SEND_AGAIN) {
            let label = self.label();
            log::debug!("the page of `{label}` does not hear what may be lost: {error}");
        }
    }

    fn confirm(&self, receipt: Receipt) {
        // A webview runs scripts in the order in which they came; each message and each event is one.
        // A callback that can be called again is dropped later than it is called.
        let receipt = Mutex::new(Some(receipt));
        let seen = move |_| {
            drop(
                receipt
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take(),
            )
        };
        if let Err(error) = self.eval_with_callback("0", seen) {
            log::debug!("nobody tells how far the page has come: {error}");
        }
    }
}
