//! Implements the fuzz targets: all frames that a page can send, and the capability files.
//!
//! This is not part of the API.
//!
//! Each function takes any bytes. It panics when a promise is broken: a frame is not answered
//! exactly once, a call is left behind, or an answer belongs to another call. `fuzz/` runs them
//! with libFuzzer; `cargo test` replays `fuzz/corpus` through them.

mod session;

use std::sync::Arc;

use serde_json::Value;
use tauri::ipc::{InvokeBody, InvokeResponseBody};

use crate::ipc::scope_of_entries;
use session::Session;

/// Takes any bytes as input.
pub type Run = fn(&[u8]);

/// The targets. `fuzz/corpus` has a folder for each.
pub const TARGETS: &[(&str, Run)] = &[
    ("call", call),
    ("body", body),
    ("control", control),
    ("pull", pull),
    ("next", next),
    ("message", message),
    ("session", session),
    ("scope", scope),
    #[cfg(feature = "wheel")]
    ("capability", capability),
];

/// A call: its head, a line feed, its payload, as bytes and, if it is that, as JSON.
pub fn call(data: &[u8]) {
    let (head, payload) = split(data);
    let mut page = Session::open();
    page.call(head, InvokeBody::Raw(payload.to_vec()));
    if let Ok(json) = serde_json::from_slice(payload) {
        page.call(head, InvokeBody::Json(json));
    }
    page.close();
}

/// The payload of a call of `echo`, which gives raw bodies back: bytes, or an array of numbers.
pub fn body(data: &[u8]) {
    let mut page = Session::open();
    let id = page.next_id();
    let head = page.head(id, "echo", "raw");
    match serde_json::from_slice::<Value>(data) {
        Ok(json) => {
            let expected = bytes(&json);
            page.call(&head, InvokeBody::Json(json));
            let answer = page.last().and_then(|answer| match answer {
                InvokeResponseBody::Json(text) => serde_json::from_str::<Value>(text).ok(),
                InvokeResponseBody::Raw(_) => None,
            });
            let answer = answer.and_then(|answer| bytes(answer.get("bytes")?));
            assert_eq!(answer, expected, "another body came back");
        }
        Err(_) => {
            page.call(&head, InvokeBody::Raw(data.to_vec()));
            let Some(InvokeResponseBody::Raw(answer)) = page.last() else {
                panic!("bytes were not answered with bytes");
            };
            assert!(answer == data, "another body came back");
        }
    }
    page.close();
}

fn bytes(json: &Value) -> Option<Vec<u8>> {
    let number = |number: &Value| u8::try_from(number.as_u64()?).ok();
    json.as_array()?.iter().map(number).collect()
}

/// The arguments of a control frame.
pub fn control(data: &[u8]) {
    let mut page = Session::open();
    page.control(payload(data));
    page.close();
}

/// The arguments of a pull.
pub fn pull(data: &[u8]) {
    let mut page = Session::open();
    page.pull(payload(data));
    page.close();
}

/// The arguments of a pull of items, twice, from a stream of three with the id 1.
pub fn next(data: &[u8]) {
    let mut page = Session::open();
    page.stream(1, b"abc");
    page.next(payload(data));
    page.next(payload(data));
    page.close();
}

/// A script message from a document that may send some.
pub fn message(data: &[u8]) {
    let mut page = Session::open();
    let id = page.next_id();
    let head = page.head(id, "echo", "none");
    page.call(&head, InvokeBody::Raw(Vec::new()));
    page.message(&String::from_utf8_lossy(data));
    assert!(page.last().is_some(), "a message was not answered at once");
    page.close();
}

/// A document's life: one frame in each line, by its first letter `c` (a call: its head; the next
/// line is its payload), `a` (the same, with a payload in JSON), `x` (control), `p` (pull), `n`
/// (pull of a stream's items) or `m` (a message: a call's head, or `x` and a cancel; the next line
/// is its body).
pub fn session(data: &[u8]) {
    let mut page = Session::open();
    let mut lines = data.split(|byte| *byte == b'\n').take(64);
    while let Some(line) = lines.next() {
        let Some((kind, rest)) = line.split_first() else {
            continue;
        };
        match kind {
            b'c' => {
                let payload = lines.next().unwrap_or_default();
                page.call(rest, InvokeBody::Raw(payload.to_vec()));
            }
            b'a' => page.call(rest, payload(lines.next().unwrap_or_default())),
            b'x' => page.control(payload(rest)),
            b'p' => page.pull(payload(rest)),
            b'n' => page.next(payload(rest)),
            b'm' => {
                let body = lines.next().unwrap_or_default();
                page.message(&String::from_utf8_lossy(&[rest, b"\n", body].concat()));
            }
            _ => {}
        }
    }
    page.close();
}

/// Scope entries, `{"allow": […], "deny": […]}`, a line feed, and the name of a command.
pub fn scope(data: &[u8]) {
    let (entries, name) = split(data);
    let Ok(entries) = serde_json::from_slice::<Value>(entries) else {
        return;
    };
    let name = String::from_utf8_lossy(name);
    let list = |key: &str| -> Vec<Arc<Value>> {
        let list = entries.get(key).and_then(Value::as_array);
        list.into_iter().flatten().cloned().map(Arc::new).collect()
    };
    let (allow, deny) = (list("allow"), list("deny"));
    let granted = scope_of_entries(&allow, &deny);
    let both = scope_of_entries(&allow, &[&deny[..], &allow[..]].concat());
    assert!(!both.allows_command(&name), "a denial did not win");
    assert!(!both.allows_window(&name), "a denial did not win");
    if granted.allows_command(&name) {
        let wider = scope_of_entries(&allow, &[]);
        assert!(wider.allows_command(&name), "a denial granted");
    }
    let nothing = scope_of_entries(&[], &deny);
    assert!(!nothing.allows_command(&name), "nothing granted it");
}

/// A capability file.
#[cfg(feature = "wheel")]
pub fn capability(data: &[u8]) {
    use crate::context::Authority;

    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(authority) = Authority::of_json(text) {
        for url in [None, Some("https://example.org/")] {
            if let Ok(Some(scope)) = authority.scope("main", url) {
                let _ = scope.allows_command("greet");
            }
        }
    }
}

fn split(data: &[u8]) -> (&[u8], &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n');
    at.map_or((data, &[]), |at| (&data[..at], &data[at + 1..]))
}

fn payload(data: &[u8]) -> InvokeBody {
    match serde_json::from_slice(data) {
        Ok(json) => InvokeBody::Json(json),
        Err(_) => InvokeBody::Raw(data.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    // The last input that is named is the one that broke a promise.
    #![allow(clippy::unwrap_used, clippy::print_stdout)]

    use std::{fs, path::Path};

    use super::*;

    fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz/corpus")
            .join(target);
        let files = fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        let read =
            |file: std::path::PathBuf| (file.display().to_string(), fs::read(&file).unwrap());
        files.map(read).collect()
    }

    #[test]
    fn the_corpus_keeps_the_promises() {
        for (target, run) in TARGETS {
            let inputs = corpus(target);
            assert!(inputs.len() >= 3, "{target} has hardly a corpus");
            for (file, data) in inputs {
                println!("{file}");
                run(&data);
            }
        }
    }

    #[test]
    fn every_frame_is_answered_once_whatever_is_cut_out_of_it() {
        for (target, run) in TARGETS {
            for (file, data) in corpus(target) {
                println!("{target} {file}");
                for at in (0..data.len()).step_by(1 + data.len() / 40) {
                    run(&data[..at]);
                    run(&[&data[..at], &data[at + 1..]].concat());
                    let mut other = data.clone();
                    other[at] ^= 0x15;
                    run(&other);
                }
            }
        }
    }
}
#[cfg(test)]
pub(crate) mod cases;
