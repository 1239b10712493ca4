//! The Tauri plugin: joins an app's windows to its actors. Generic over the runtime.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tauri::{
    Manager as _, RunEvent, Runtime, WindowEvent, plugin::Builder, webview::PageLoadEvent,
};

use crate::{actors::Count, host::Host, ipc, network, renderer, script_messages};

pub(crate) const NAME: &str = "transom";

/// The plugin for an app whose actors run already. `at_exit` is called on the UI thread when the
/// loop ends.
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
                renderer::watch(&opened, &webview);
                network::watch(&opened, webview.app_handle());
                script_messages::carry(&opened, &webview);
            });
        })
        .on_page_load(move |webview, load| {
            // Tauri says `Started` once the new document has taken the old one's place.
            if load.event() == PageLoadEvent::Started {
                contain(&loads, || loads.system.page_started(webview.label()));
            }
        })
        .on_event(move |_, event| match event {
            RunEvent::WindowEvent {
                label,
                event: WindowEvent::Destroyed,
                ..
            } => {
                contain(&events, || events.close_window(label));
            }
            RunEvent::Exit => {
                contain(&events, &at_exit);
                contain(&events, || events.bridge.remove_webviews());
            }
            _ => {}
        })
}

/// A panic through the C code that calls us would end the process.
pub(crate) fn contain<T>(host: &Host, act: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(act))
        .inspect_err(|_| {
            host.system.count(Count::Panic);
            log::error!("a panic at the edge of the bridge was contained");
        })
        .ok()
}
