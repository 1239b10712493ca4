//! Hands a page's call from the plugin that got it to another one.

use tauri::{
    AppHandle, Manager as _, Webview, Wry,
    http::HeaderMap,
    ipc::{CallbackFn, Invoke, InvokeBody, InvokeResponse},
    webview::InvokeRequest,
};

/// Calls the same command of `plugin`, once the plugin that is being called has returned: Tauri
/// keeps all plugins locked until then. `around` makes that call, on the UI thread.
///
/// Tauri asks for the permission to call that command. The plugin answers the page.
pub(crate) fn forward(
    plugin: &str,
    invoke: Invoke<Wry>,
    around: impl FnMut(&mut dyn FnMut()) + Send + 'static,
) {
    let (body, headers) = (
        invoke.message.payload().clone(),
        invoke.message.headers().clone(),
    );
    forward_as(plugin, invoke, body, headers, around);
}

/// As `forward`, with other arguments.
pub(crate) fn forward_as(
    plugin: &str,
    invoke: Invoke<Wry>,
    body: InvokeBody,
    headers: HeaderMap,
    mut around: impl FnMut(&mut dyn FnMut()) + Send + 'static,
) {
    let Invoke {
        message, resolver, ..
    } = invoke;
    let webview = message.webview();
    let url = match webview.url() {
        Ok(url) => url,
        Err(error) => return resolver.reject(error.to_string()),
    };
    let app = webview.app_handle().clone();
    let request = InvokeRequest {
        cmd: format!("plugin:{plugin}|{}", message.command()),
        // Those of the page are the resolver's.
        callback: CallbackFn(0),
        error: CallbackFn(0),
        url,
        body,
        headers,
        invoke_key: app.invoke_key().to_owned(),
    };
    let answer = Box::new(move |_: Webview<Wry>, _, response, _, _| match response {
        InvokeResponse::Ok(body) => resolver.respond(Ok(body)),
        InvokeResponse::Err(error) => resolver.invoke_error(error),
    });
    let mut call = Some(move || webview.on_message(request, answer));
    in_next_turn(&app, move || {
        around(&mut || {
            if let Some(call) = call.take() {
                call();
            }
        });
    });
}

/// Runs `f` on the UI thread after this turn of its loop. Functions keep their order.
#[cfg(target_os = "linux")]
fn in_next_turn(_: &AppHandle<Wry>, f: impl FnMut() + Send + 'static) {
    use gtk::glib::{ControlFlow, Priority, source};

    let mut f = f;
    source::idle_add_full(Priority::DEFAULT, move || {
        f();
        ControlFlow::Break
    });
}

#[cfg(not(target_os = "linux"))]
fn in_next_turn(app: &AppHandle<Wry>, f: impl FnMut() + Send + 'static) {
    let app = app.clone();
    // From the UI thread it would run at once.
    tauri::async_runtime::spawn(async move {
        if app.run_on_main_thread(f).is_err() {
            log::debug!("the app ends before a call of a page was handed on");
        }
    });
}
