//! Writes the scripts that deliver messages to a Tauri `Channel` on the page.
//!
//! The channel puts the messages into the order of their numbers.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::{
    actors::{Amount, ChannelMessage},
    ipc::json,
};

/// From these sizes on a page fetches a message. That is then faster than a script that holds it.
const LARGE_JSON: usize = 8 * 1024;
const LARGE_RAW: usize = 1024;

/// Whether a page had better fetch this message.
pub(super) fn is_large(message: &ChannelMessage) -> bool {
    match message {
        ChannelMessage::Json(text) => text.len() >= LARGE_JSON,
        ChannelMessage::Raw(bytes) => bytes.len() >= LARGE_RAW,
    }
}

/// The script that delivers a message to the channel `to`.
pub(super) fn message(to: u32, place: u32, message: &ChannelMessage) -> String {
    let value = match message {
        ChannelMessage::Json(text) => json::expression(text),
        ChannelMessage::Raw(bytes) => {
            let text = BASE64.encode(bytes);
            format!("Uint8Array.from(atob(\"{text}\"), (c) => c.charCodeAt(0)).buffer").into()
        }
    };
    call(to, &format!("{{message: {value}, index: {place}}}"))
}

/// The list on the page with the number and the bytes of the messages that it has fetched.
const HAD: &str = r#"window[Symbol.for("tauri-plugin-transom-api/had")]"#;

/// The script that makes the page fetch a message, of bytes or of JSON, and count it. Where the
/// page cannot fetch, bytes come as numbers.
pub(super) fn fetch(to: u32, place: u32, parcel: u64, (raw, size): (bool, usize)) -> String {
    let value = match raw {
        true => "it instanceof ArrayBuffer ? it : new Uint8Array(it).buffer",
        false => "it",
    };
    let bring = call(to, &format!("{{message: {value}, index: {place}}}"));
    // One that is asked for twice comes once.
    format!(
        "window.__TAURI_INTERNALS__.invoke(\"plugin:transom|take\", {{parcel: {parcel}}})\
         .then((it) => {{\
         const had = {HAD} ??= [0, 0]; had[0] += 1; had[1] += {size}; {bring};\
         }}, () => {{}})"
    )
}

/// The script that returns the list of [`HAD`].
pub(crate) fn had() -> String {
    format!("String({HAD} ?? \"0,0\")")
}

/// Reads the result of that script. A result that makes no sense counts as nothing.
pub(crate) fn read_had(json: &str) -> Amount {
    let numbers = json.trim_matches('"').split_once(',');
    let amount = numbers.and_then(|(messages, bytes)| {
        Some(Amount {
            messages: messages.parse().ok()?,
            bytes: bytes.parse().ok()?,
        })
    });
    amount.unwrap_or_default()
}

/// The script that tells a channel that no message comes any more.
pub(super) fn end(to: u32, place: u32) -> String {
    call(to, &format!("{{end: true, index: {place}}}"))
}

fn call(to: u32, argument: &str) -> String {
    format!("window.__TAURI_INTERNALS__.runCallback({to}, {argument})")
}
