//! Detects pages that end without notice from Tauri.
//!
//! The process that renders a page may have died, or its webview may have gone while the window
//! stays (a child webview that was closed, `window.close()`).
//!
//! This works on Linux only. Elsewhere nothing is detected: the calls of such a page end with the
//! webview's next document, or with the window.

use std::sync::Arc;

use tauri::{Runtime, Webview};

use crate::host::Host;

/// Ends a webview's document and its calls when its process dies or the webview goes.
#[cfg(target_os = "linux")]
pub(crate) fn watch<R: Runtime>(host: &Arc<Host>, webview: &Webview<R>) {
    use gtk::prelude::WidgetExt as _;
    use webkit2gtk::{WebViewExt as _, glib};

    use super::{contain::contain, webkit_cleanup};
    use crate::{ipc, python};

    let label = webview.label().to_owned();
    let (dies, goes) = ((Arc::clone(host), label.clone()), (Arc::clone(host), label));
    let own = Arc::clone(host);
    let watched = webview.with_webview(move |platform| {
        let webview = platform.inner();
        webview.connect_web_process_terminated(move |_, reason| {
            let (host, label) = &dies;
            contain(host, || {
                log::error!("the process that renders `{label}` has ended: {reason:?}");
                host.page_started(label);
            });
        });
        // A label is given to another webview only after the one before it is destroyed.
        webview.connect_destroy(move |_| {
            let (host, label) = &goes;
            let held = ipc::hold(|| {
                contain(host, || host.close_window(label));
                contain(host, || python::window::handlers::closes(label));
            });
            if held.is_empty() {
                return;
            }
            let host = Arc::clone(host);
            glib::idle_add_local_once(move || {
                for give in held {
                    contain(&host, give);
                }
            });
        });
        contain(&own, || webkit_cleanup::let_go(&own, &webview));
    });
    if let Err(error) = watched {
        let label = webview.label();
        log::warn!("the end of the page of `{label}` is not watched: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn watch<R: Runtime>(_host: &Arc<Host>, _webview: &Webview<R>) {}
