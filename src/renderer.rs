//! Tells when a page has gone without a word of Tauri's: the process that renders it has died, or
//! its webview has gone while the window stays (a child webview that was closed, `window.close()`).
//!
//! On Linux only. Elsewhere nothing tells: the calls of such a page end with the webview's next
//! document, or with the window.

use std::sync::Arc;

use tauri::{Runtime, Webview};

use crate::host::Host;

/// Ends a webview's document, its calls with it, when its process dies or the webview goes.
#[cfg(target_os = "linux")]
pub(crate) fn watch<R: Runtime>(host: &Arc<Host>, webview: &Webview<R>) {
    use webkit2gtk::{WebViewExt as _, glib::ObjectExt as _};

    use crate::plugin::contain;

    let label = webview.label().to_owned();
    let (dies, goes) = ((Arc::clone(host), label.clone()), (Arc::clone(host), label));
    let watched = webview.with_webview(move |platform| {
        let webview = platform.inner();
        webview.connect_web_process_terminated(move |_, reason| {
            contain(|| {
                let (host, label) = &dies;
                log::error!("the process that renders `{label}` has ended: {reason:?}");
                host.system.page_started(label);
            });
        });
        // A label is given to another webview only after the one before it is destroyed.
        webview.connect_local("destroy", false, move |values| {
            contain(|| {
                let (host, label) = &goes;
                host.close_window(label);
            });
            contain(|| release(values));
            None
        });
    });
    if let Err(error) = watched {
        let label = webview.label();
        log::warn!("the end of the page of `{label}` is not watched: {error}");
    }
}

/// Lets a destroyed webview go: its content manager has a handler of wry's that holds the webview,
/// which holds the manager. Without this each window leaves 115 KiB behind, with it 5.
#[cfg(target_os = "linux")]
fn release(values: &[webkit2gtk::glib::Value]) {
    use webkit2gtk::{WebView, WebViewExt as _, glib::ObjectExt as _};

    let webview = values.first().and_then(|it| it.get::<WebView>().ok());
    if let Some(manager) = webview.and_then(|it| it.user_content_manager()) {
        #[expect(unsafe_code, reason = "no safe function takes another's handlers off")]
        // SAFETY: a manager has no dispose of its own; GObject's takes its signal handlers off. Its
        // one webview is destroyed, so nothing is to be signalled any more.
        unsafe {
            manager.run_dispose();
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn watch<R: Runtime>(_host: &Arc<Host>, _webview: &Webview<R>) {}
