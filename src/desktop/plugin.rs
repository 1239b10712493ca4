//! Implements the Tauri plugin, which joins an app's windows to its actors.

use std::sync::Arc;

use tauri::{
    Manager as _, RunEvent, Runtime, WindowEvent, plugin::Builder, webview::PageLoadEvent,
};

#[cfg(feature = "menus")]
use super::page_objects;
use super::webview::{contain::contain, network_process, page_watch, script_messages};
use crate::{host::Host, ipc, python::events::listening};

pub(crate) const NAME: &str = "transom";

/// Makes the plugin that pages with PyTauri's client call, for a crate whose build knows no such
/// plugin. Its calls go to the command of ours, for which Tauri knows the permissions.
#[cfg(all(feature = "python-main", not(feature = "wheel")))]
pub(crate) fn plugin_of_pytauri() -> tauri::plugin::TauriPlugin<tauri::Wry> {
    Builder::new("pytauri")
        .invoke_handler(|invoke| {
            super::forwarding::forward(NAME, invoke, |call| call());
            true
        })
        .build()
}

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
    #[cfg(feature = "python-main")]
    let noted = ipc::Noted::default();
    Builder::new(NAME)
        .invoke_handler(move |invoke| {
            let answer = || match invoke.message.command() {
                #[cfg(feature = "python-main")]
                ipc::PYTAURI_COMMAND => ipc::handle_pytauri(&calls.bridge, invoke, &noted),
                _ => ipc::handle(&calls.bridge, invoke),
            };
            contain(&calls, answer).unwrap_or(true)
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
                #[cfg(feature = "menus")]
                contain(&loads, || page_objects::drop_those_before(webview));
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
