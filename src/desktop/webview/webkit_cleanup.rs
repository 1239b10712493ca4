//! Frees memory that WebKit and wry leak when a webview is destroyed. Linux only.
//!
//! There are two leaks. Without this code each window costs 137 KiB, of which 22 are also lost in a
//! plain C program. Where the leaks are fixed, this code finds nothing to do.
//!
//! A third leak stays: WebKit forgets the thread of some connections, and of more when it does not
//! composite. Ending the page's process at `destroy` would prevent that, but also what the page
//! does in `pagehide`.

use std::sync::Arc;

use gtk::prelude::{Cast as _, ContainerExt as _, WidgetExt as _};
use webkit2gtk::{
    WebView, WebViewExt as _,
    glib::{ObjectExt as _, WeakRef},
};

use super::contain::contain;
use crate::host::Host;

/// Frees the memory once this webview is destroyed.
pub(crate) fn let_go(host: &Arc<Host>, webview: &WebView) {
    let (host, translator) = (Arc::clone(host), key_translator(webview));
    webview.connect_destroy(move |webview| {
        contain(&host, || drop_key_translator(webview, &translator));
        contain(&host, || drop_handlers(webview));
    });
}

/// Finds the text view that WebKit keeps in each webview to learn what a key means to the desktop.
/// It can only be found while the webview lives.
fn key_translator(webview: &WebView) -> WeakRef<gtk::Widget> {
    let found = WeakRef::new();
    webview.forall(|child| {
        if child.is::<gtk::TextView>() {
            found.set(Some(child));
        }
    });
    found
}

/// Drops that text view. WebKit forgets that it is a child of the webview, so it leaks: 22 KiB.
fn drop_key_translator(webview: &WebView, translator: &WeakRef<gtk::Widget>) {
    if let Some(translator) = translator.upgrade()
        && translator.parent().as_ref() == Some(webview.upcast_ref())
    {
        translator.unparent();
    }
}

/// Removes wry's handlers. One of the content manager's handlers holds the webview, which holds the
/// manager: 115 KiB.
fn drop_handlers(webview: &WebView) {
    if let Some(manager) = webview.user_content_manager() {
        #[expect(unsafe_code, reason = "no safe function takes another's handlers off")]
        // SAFETY: a manager has no dispose of its own; GObject's takes its signal handlers off. Its
        // one webview is destroyed, so nothing is to be signalled any more.
        unsafe {
            manager.run_dispose();
        }
    }
}
