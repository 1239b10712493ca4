//! Converts Tauri's invoke messages into frames, on the UI thread.

use std::sync::Arc;

use tauri::{
    AppHandle, Manager as _, Runtime,
    ipc::{Invoke, InvokeError, InvokeMessage, InvokeResolver, InvokeResponseBody},
};

#[cfg(feature = "python-main")]
use super::pytauri::{self, Noted};
use crate::{
    actors::Origin,
    error::CallError,
    ipc::{
        bridge::Bridge,
        handler::{self, PageFrame},
        holding,
        reply::{self, AfterAnswer},
    },
};

/// Handles one message of a page. False: there is no such command.
pub fn handle<R: Runtime>(bridge: &Arc<Bridge>, invoke: Invoke<R>) -> bool {
    let Invoke {
        message,
        resolver,
        acl,
    } = invoke;
    let command = message.command();
    if !matches!(command, "call" | "control" | "pull" | "next" | "take") {
        return false;
    }
    let frame = frame(&message, resolver);
    let label = frame.window;
    let Some(system) = bridge.system() else {
        handler::refuse(frame);
        return true;
    };
    match command {
        "call" => {
            let scope = bridge.scopes.of(&message, &acl);
            if let Some(epoch) = handler::call(&system, frame, Arc::clone(&scope)) {
                bridge.messages.let_through(label, epoch, &scope);
            }
        }
        "control" => {
            let scope = || bridge.scopes.of(&message, &acl);
            handler::control(bridge, &system, frame, || origin(&message), scope);
        }
        "next" => handler::next(&system, frame),
        "take" => handler::take_parcel(bridge, frame),
        _ => handler::pull(bridge, frame),
    }
    true
}

/// Handles one message of a page that calls Python as PyTauri's client does. False: there is no such
/// command.
#[cfg(feature = "python-main")]
pub(crate) fn handle_pytauri<R: Runtime>(
    bridge: &Arc<Bridge>,
    invoke: Invoke<R>,
    noted: &Noted,
) -> bool {
    let Invoke {
        message,
        resolver,
        acl,
    } = invoke;
    if message.command() != pytauri::COMMAND {
        return false;
    }
    let frame = frame(&message, resolver);
    match bridge.system() {
        Some(system) => pytauri::call(&system, frame, bridge.scopes.of(&message, &acl), noted),
        None => pytauri::refuse(frame),
    }
    true
}

fn frame<R: Runtime>(message: &InvokeMessage<R>, resolver: InvokeResolver<R>) -> PageFrame<'_> {
    let webview = message.webview_ref();
    let unanswered = PendingReply {
        resolver: Some(resolver),
        label: webview.label().to_owned(),
    };
    PageFrame {
        window: webview.label(),
        headers: message.headers(),
        payload: message.payload(),
        answer: Box::new(move |answer| unanswered.give(answer)),
        after: after(webview.app_handle()),
    }
}

/// A message that waits for its answer. If it is dropped without one, as by a panic, it is
/// rejected, so that no promise of the page stays open.
struct PendingReply<R: Runtime> {
    resolver: Option<InvokeResolver<R>>,
    label: String,
}

impl<R: Runtime> PendingReply<R> {
    fn give(mut self, answer: Result<InvokeResponseBody, InvokeError>) {
        if let Some(resolver) = self.resolver.take() {
            holding::give(move || resolver.respond(answer));
        }
    }
}

impl<R: Runtime> Drop for PendingReply<R> {
    fn drop(&mut self) {
        if let Some(resolver) = self.resolver.take() {
            let error = CallError::internal("the app failed before it could answer; see its log");
            let error = reply::error(&error, "", &self.label);
            holding::give(move || resolver.invoke_error(error));
        }
    }
}

/// Drops a hold in the UI thread's next turn. By then the answer was given to the webview.
pub(crate) fn after<R: Runtime>(app: &AppHandle<R>) -> AfterAnswer {
    let app = app.clone();
    Box::new(move |hold| {
        if app.run_on_main_thread(move || drop(hold)).is_err() {
            log::debug!("the app ends before its last answers are with their pages");
        }
    })
}

/// Where the document came from, as Tauri says.
fn origin<R: Runtime>(message: &InvokeMessage<R>) -> Origin {
    match message.webview_ref().url() {
        Ok(url) if url.scheme() == "tauri" => Origin::Local,
        Ok(url) => Origin::Remote(url.origin().ascii_serialization()),
        Err(_) => Origin::Remote("null".into()),
    }
}
