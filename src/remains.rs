//! Lets go what a destroyed webview would leave behind, for as long as the process lives. Linux only.
//!
//! Both are faults of others: without this each window costs 137 KiB, of which 22 are seen in a
//! plain C program too. Where they are mended this finds nothing to do.
//!
//! A third one stays: WebKit forgets the thread of some connections, of more where it does not
//! composite. To end the page's process at `destroy` prevents that, and takes away what the page
//! does in `pagehide`.

use std::sync::Arc;

use gtk::prelude::{Cast as _, ContainerExt as _, WidgetExt as _};
use webkit2gtk::{
    WebView, WebViewExt as _,
    glib::{ObjectExt as _, WeakRef},
};

use crate::{host::Host, plugin::contain};

/// Does so once this webview is destroyed.
pub(crate) fn let_go(host: &Arc<Host>, webview: &WebView) {
    let (host, translator) = (Arc::clone(host), key_translator(webview));
    webview.connect_destroy(move |webview| {
        contain(&host, || drop_key_translator(webview, &translator));
        contain(&host, || drop_handlers(webview));
    });
}

/// The text view that WebKit keeps within each webview, to learn what a key means to the desktop.
/// Only while the webview lives can it be asked for.
fn key_translator(webview: &WebView) -> WeakRef<gtk::Widget> {
    let found = WeakRef::new();
    webview.forall(|child| {
        if child.is::<gtk::TextView>() {
            found.set(Some(child));
        }
    });
    found
}

/// WebKit forgets that it is a child of its own, so it stays: 22 KiB.
fn drop_key_translator(webview: &WebView, translator: &WeakRef<gtk::Widget>) {
    if let Some(translator) = translator.upgrade()
        && translator.parent().as_ref() == Some(webview.upcast_ref())
    {
        translator.unparent();
    }
}

/// The content manager has a handler of wry's that holds the webview, which holds the manager:
/// 115 KiB.
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
