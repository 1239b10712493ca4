//! Implements the Tauri plugin, which joins an app's windows to its actors.

use std::sync::Arc;

use tauri::{
    Manager as _, RunEvent, Runtime, WindowEvent, plugin::Builder, webview::PageLoadEvent,
};

use super::webview::{contain::contain, network_process, page_watch, script_messages};
use crate::{host::Host, ipc, python::events::listening};

pub(crate) const NAME: &str = "transom";

/// Makes the plugin that pages with PyTauri's client call.
#[cfg(feature = "wheel")]
pub(crate) fn plugin_of_pytauri<R: Runtime>(host: &Arc<Host>) -> tauri::plugin::TauriPlugin<R> {
    let (host, noted) = (Arc::clone(host), ipc::Noted::default());
    Builder::new("pytauri")
        .invoke_handler(move |invoke| {
            let answer = || ipc::handle_pytauri(&host.bridge, invoke, &noted);
            contain(&host, answer).unwrap_or(true)
        })
        .build()
}

/// Makes the plugin for an app whose actors run already. `at_exit` is called on the UI thread when
/// the event loop ends.
pub(crate) fn plugin<R: Runtime>(
    host: &Arc<Host>,
    at_exit: impl Fn() + Send + Sync + 'static,
) -> Builder<R> {
    let (calls, opened, loads, events) = (
        Arc::clone(host),
        Arc::clone(host),
        Arc::clone(host),
        Arc::clone(host),
    );
    Builder::new(NAME)
        .invoke_handler(move |invoke| {
            contain(&calls, || ipc::handle(&calls.bridge, invoke)).unwrap_or(true)
        })
        .on_webview_ready(move |webview| {
            contain(&opened, || {
                opened.system.open_window(webview.label());
                let page = Arc::new(webview.clone());
                opened.bridge.add_webview(webview.label(), page);
                webview.manage(Arc::clone(&opened.bridge));
                page_watch::watch(&opened, &webview);
                network_process::watch(&opened, webview.app_handle());
                script_messages::carry(&opened, &webview);
            });
        })
        .on_page_load(move |webview, load| {
            // Tauri says `Started` once the new document has taken the old one's place.
            if load.event() == PageLoadEvent::Started {
                contain(&loads, || loads.page_started(webview.label()));
            }
        })
        .on_event(move |_, event| match event {
            RunEvent::WindowEvent {
                label,
                event: WindowEvent::Destroyed,
                ..
            } => {
                contain(&events, || events.close_window(label));
                contain(&events, || listening::end_of_window(label));
            }
            RunEvent::Exit => {
                contain(&events, &at_exit);
                contain(&events, || events.bridge.remove_webviews());
            }
            _ => {}
        })
}
