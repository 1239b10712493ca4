//! Implements the wire's `Page` trait for a Tauri webview: channels, events and scripts.

use std::sync::{Arc, Mutex, PoisonError};

use tauri::{Manager as _, Runtime, Webview};

use crate::{
    actors::{Amount, Epoch, NoChannel, PageChannel},
    ipc::{self, Page, WebviewChannel},
    python,
};

/// The client of a document, if there is one. It may be one of an older release.
const CLIENT: &str = r#"window[Symbol.for("tauri-plugin-transom-api/client/2")]"#;

impl<R: Runtime> Page for Webview<R> {
    fn open_channel(&self, number: u32) -> Result<Arc<dyn PageChannel>, NoChannel> {
        WebviewChannel::open(number, self.clone())
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
        // The script carries no data, so it may reach any document.
        self.run(format!("{CLIENT}?.sendAgain?.()"));
    }

    fn begin_anew(&self, epoch: Epoch) {
        let epoch = String::from(epoch);
        // Only the document of that epoch obeys. The epoch itself is of no use any more, so whoever
        // else runs the script learns nothing.
        self.run(format!("{CLIENT}?.beginAnew?.({epoch:?})"));
    }

    fn confirm(&self, tell: Box<dyn FnOnce(Amount) + Send>) {
        // A webview runs scripts in the order in which they came; each message and each event is one.
        let tell = Mutex::new(Some(tell));
        let seen = move |had: String| {
            let tell = tell.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(tell) = tell {
                tell(ipc::read_had(&had));
            }
        };
        if let Err(error) = self.eval_with_callback(ipc::had(), seen) {
            log::debug!("nobody tells how far the page has come: {error}");
        }
    }

    fn run(&self, script: String) -> bool {
        let given = self.eval(script);
        if let Err(error) = &given {
            let label = self.label();
            log::debug!("a script does not reach the page of `{label}`: {error}");
        }
        given.is_ok()
    }
}
