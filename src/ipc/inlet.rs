//! Tauri's invoke messages become frames. Runs on the UI thread.

use std::sync::Arc;

use tauri::{
    Manager as _, Runtime,
    ipc::{Invoke, InvokeMessage},
};

use super::{
    bridge::Bridge,
    handler::{self, Frame},
    reply::{AfterAnswer, Answer},
};
use crate::actors::Origin;

/// Handles one message of a page. False: there is no such command.
pub fn handle<R: Runtime>(bridge: &Arc<Bridge>, invoke: Invoke<R>) -> bool {
    let Invoke {
        message,
        resolver,
        acl,
    } = invoke;
    let command = message.command();
    if !matches!(command, "call" | "control" | "pull" | "next") {
        return false;
    }
    let answer: Answer = Box::new(move |answer| resolver.respond(answer));
    let app = message.webview_ref().app_handle().clone();
    // The UI thread's next turn: it has given the answer to the webview then.
    let after: AfterAnswer = Box::new(move |parcel| {
        if app.run_on_main_thread(move || drop(parcel)).is_err() {
            log::debug!("the app ends before its last answers are with their pages");
        }
    });
    let frame = Frame {
        window: message.webview_ref().label(),
        headers: message.headers(),
        payload: message.payload(),
        answer,
        after,
    };
    let Some(system) = bridge.system() else {
        handler::refuse(frame);
        return true;
    };
    match command {
        "call" => handler::call(&system, frame, bridge.scopes.of(&message, &acl)),
        "control" => {
            let scope = || bridge.scopes.of(&message, &acl);
            handler::control(bridge, &system, frame, || origin(&message), scope);
        }
        "next" => handler::next(&system, frame),
        _ => handler::pull(bridge, frame),
    }
    true
}

/// Where the document came from, in Tauri's word.
fn origin<R: Runtime>(message: &InvokeMessage<R>) -> Origin {
    match message.webview_ref().url() {
        Ok(url) if url.scheme() == "tauri" => Origin::Local,
        Ok(url) => Origin::Remote(url.origin().ascii_serialization()),
        Err(_) => Origin::Remote("null".into()),
    }
}
