//! Receives calls as WebKitGTK script messages: `window.webkit.messageHandlers.transom`.
//!
//! A reply goes to the promise of the document that sent the message, whatever the webview shows by
//! then. It is the message of the error that WebKit rejects the promise with, because that is plain
//! text all the way. A reply that is a value of JavaScript would be made in this process, in the
//! context that the call came in. WebKit drops that context after 10 s without messages, so a longer
//! call would be its last owner, and to end a context there has crashed WebKitGTK 2.50.
//!
//! This works on Linux only; elsewhere pages send requests.

use std::sync::Arc;

use tauri::{Runtime, Webview};

use crate::host::Host;

/// Lets the page of a webview send messages. `TRANSOM_MESSAGES=0` keeps it at requests.
#[cfg(target_os = "linux")]
pub(crate) fn carry<R: Runtime>(host: &Arc<Host>, webview: &Webview<R>) {
    use tauri::{Manager as _, utils::config::PatternKind};

    use super::contain::contain;

    let isolated = matches!(
        webview.config().app.security.pattern,
        PatternKind::Isolation { .. }
    );
    // The isolation pattern has every message of a page pass through a script of the app's author.
    if isolated || std::env::var_os("TRANSOM_MESSAGES").is_some_and(|it| it == "0") {
        return;
    }
    let (host, label, app) = (
        Arc::clone(host),
        webview.label().to_owned(),
        webview.app_handle().clone(),
    );
    let asked = webview.with_webview(move |platform| {
        let (to, own) = (Arc::clone(&host), label.clone());
        let taken = webkit::on_message(&platform.inner(), move |text, reply| {
            contain(&to, || {
                crate::ipc::receive(&to.bridge, &own, text, reply, crate::ipc::after(&app));
            });
        });
        if taken {
            host.bridge.messages.carried_by(&label);
        }
    });
    if let Err(error) = asked {
        let label = webview.label();
        log::warn!("the calls of `{label}` come as requests only: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn carry<R: Runtime>(_host: &Arc<Host>, _webview: &Webview<R>) {}

/// C functions that the crate `webkit2gtk` does not wrap.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "the crate has no safe form of these four functions"
)]
mod webkit {
    use std::{ffi::CString, mem::ManuallyDrop};

    use javascriptcore::{Value, ValueExt as _};
    use send_wrapper::SendWrapper;
    use webkit2gtk::{
        WebView, WebViewExt as _, ffi,
        glib::{
            self, ControlFlow, MainContext, Priority,
            gobject_ffi::g_value_get_boxed,
            object::ObjectExt as _,
            translate::{ToGlibPtr as _, from_glib},
            value::ToValue as _,
        },
    };

    use crate::ipc::{BY_REQUEST, Reply};

    const NAME: &str = "transom";

    /// Calls `receive` with every message of the webview. False: that is not possible.
    pub(crate) fn on_message(view: &WebView, receive: impl Fn(&str, Reply) + 'static) -> bool {
        let Some(manager) = view.user_content_manager() else {
            return false;
        };
        let signal = format!("script-message-with-reply-received::{NAME}");
        manager.connect_local(&signal, false, move |values| {
            if let Some((text, answer)) = read(values) {
                receive(&text, Box::new(move |reply| answer.give(reply)));
            }
            // Without a value the signal would end the process.
            Some(true.to_value())
        });
        // SAFETY: both pointers are valid for the call; no name of a world means the page's own.
        let taken = unsafe {
            ffi::webkit_user_content_manager_register_script_message_handler_with_reply(
                manager.to_glib_none().0,
                NAME.to_glib_none().0,
                std::ptr::null(),
            )
        };
        // SAFETY: a C boolean.
        unsafe { from_glib(taken) }
    }

    /// Reads a message, and how to answer it. A message that is not text is no frame.
    fn read(values: &[glib::Value]) -> Option<(String, Pending)> {
        let value = values.get(1)?.get::<Value>().ok()?;
        let answer = Pending::of(values.get(2)?)?;
        let text = value.is_string().then(|| value.to_str().into());
        Some((text.unwrap_or_default(), answer))
    }

    /// A reply of WebKit's. It may only be used, and even dropped, on the UI thread.
    type Held = ManuallyDrop<SendWrapper<*mut ffi::WebKitScriptMessageReply>>;

    /// A message that waits for its reply. If it is dropped without one, as by a panic, it makes
    /// the page send its call as a request, so that no promise of the page stays open.
    struct Pending(Option<Held>);

    impl Drop for Pending {
        fn drop(&mut self) {
            if let Some(held) = self.0.take() {
                give(held, BY_REQUEST.into());
            }
        }
    }

    impl Pending {
        fn of(value: &glib::Value) -> Option<Self> {
            // SAFETY: the signal's second argument is a boxed reply, or nothing; it is ours with
            // a reference of our own.
            let reply = unsafe {
                let reply: *mut ffi::WebKitScriptMessageReply =
                    g_value_get_boxed(value.to_glib_none().0).cast();
                (!reply.is_null()).then(|| ffi::webkit_script_message_reply_ref(reply))
            };
            reply.map(|reply| Self(Some(ManuallyDrop::new(SendWrapper::new(reply)))))
        }

        fn give(mut self, text: String) {
            if let Some(held) = self.0.take() {
                give(held, text);
            }
        }
    }

    /// Gives a reply, from any thread.
    fn give(held: Held, text: String) {
        if held.valid() {
            return give_here(held, text);
        }
        let mut given = Some((held, text));
        let give = move || {
            if let Some((held, text)) = given.take() {
                give_here(held, text);
            }
            ControlFlow::Break
        };
        let source = glib::idle_source_new(Some("transom reply"), Priority::DEFAULT, give);
        source.attach(Some(&MainContext::default()));
    }

    /// Gives a reply on the UI thread.
    fn give_here(held: Held, text: String) {
        let reply = ManuallyDrop::into_inner(held).take();
        // A reply is JSON behind a digit, and JSON has no NUL.
        let text = CString::new(text).unwrap_or_else(|_| c"2".into());
        // SAFETY: `reply` is a reference of our own, given once and given back here; WebKit copies
        // the text.
        unsafe {
            ffi::webkit_script_message_reply_return_error_message(reply, text.as_ptr());
            ffi::webkit_script_message_reply_unref(reply);
        }
    }
}
