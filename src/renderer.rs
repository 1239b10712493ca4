//! Tells when the process that renders a page has died: its document is gone without a word.
//!
//! On Linux only. Elsewhere nothing tells: the calls of such a page end with the window's next
//! document, or with the window.

use std::sync::Arc;

use tauri::{Runtime, Webview};

use crate::host::Host;

/// Ends a webview's document, its calls with it, when its process dies.
#[cfg(target_os = "linux")]
pub(crate) fn watch<R: Runtime>(host: &Arc<Host>, webview: &Webview<R>) {
    use webkit2gtk::WebViewExt as _;

    use crate::plugin::contain;

    let (host, label) = (Arc::clone(host), webview.label().to_owned());
    let watched = webview.with_webview(move |platform| {
        let gone = move |_: &webkit2gtk::WebView, reason| {
            contain(|| {
                log::error!("the process that renders `{label}` has ended: {reason:?}");
                host.system.page_started(&label);
            });
        };
        platform.inner().connect_web_process_terminated(gone);
    });
    if let Err(error) = watched {
        let label = webview.label();
        log::warn!("the process that renders `{label}` is not watched: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn watch<R: Runtime>(_host: &Arc<Host>, _webview: &Webview<R>) {}
