//! Has Tauri's plugin `fs` find the files of an app whose resources are not beside the program.
//!
//! For `BaseDirectory.Resource` that plugin asks Tauri, which looks beside the program. So a call that
//! names this directory is made once more, with paths in the folder of the app instead. The scopes of
//! the page decide about those paths.

use std::{
    cell::Cell,
    path::{Component, Path, PathBuf},
};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use serde_json::{Value, json};
use tauri::{
    Manager as _, Url, Wry,
    http::{HeaderMap, HeaderValue},
    ipc::{Invoke, InvokeBody, InvokeMessage},
    path::BaseDirectory,
    utils::acl::resolved::ResolvedCommand,
};

use super::{
    forwarding::forward_as,
    page_paths::{self, Resources},
};

/// The arguments that are paths, each with the option that says in which directory it is.
const PATHS: [(&str, &str); 6] = [
    ("path", "baseDir"),
    ("paths", "baseDir"),
    ("fromPath", "fromPathBaseDir"),
    ("toPath", "toPathBaseDir"),
    ("oldPath", "oldPathBaseDir"),
    ("newPath", "newPathBaseDir"),
];

thread_local! {
    /// What the page was allowed, while its call is made once more.
    static ALLOWED: Cell<Option<Vec<ResolvedCommand>>> = const { Cell::new(None) };
}

/// Takes a call for files of the app, and gives back any other.
pub(crate) fn in_app(mut invoke: Invoke<Wry>) -> Option<Invoke<Wry>> {
    // Tauri asks again what the page may do, and by then knows the page, but no frame in it.
    if let Some(allowed) = ALLOWED.take() {
        invoke.acl = Some(allowed);
        return Some(invoke);
    }
    let folder = invoke.message.webview_ref().try_state::<Resources>();
    let Some((body, headers)) = folder.and_then(|it| arguments_in(&it.0, &invoke.message)) else {
        return Some(invoke);
    };
    let mut allowed = invoke.acl.take();
    forward_as("fs", invoke, body, headers, move |call| {
        let _forget = Forget;
        ALLOWED.set(allowed.take());
        call();
    });
    None
}

/// Forgets what the page was allowed when the call is over, also if it panics: the next call of
/// another page must not find it.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        ALLOWED.set(None);
    }
}

/// The arguments with paths in `folder`. `None`: no path is in the directory of the resources.
fn arguments_in(folder: &Path, message: &InvokeMessage<Wry>) -> Option<(InvokeBody, HeaderMap)> {
    let mut headers = message.headers().clone();
    if matches!(message.command(), "write_file" | "write_text_file") {
        // The body is what is written.
        let mut arguments = in_headers(&headers)?;
        put(folder, &mut arguments)?;
        let path = utf8_percent_encode(arguments["path"].as_str()?, NON_ALPHANUMERIC).to_string();
        headers.insert("path", HeaderValue::from_str(&path).ok()?);
        let options = arguments["options"].to_string();
        headers.insert("options", HeaderValue::from_str(&options).ok()?);
        return Some((message.payload().clone(), headers));
    }
    let InvokeBody::Json(body) = message.payload() else {
        return None;
    };
    // What names no directory is not copied.
    body.get("options")?;
    let mut arguments = body.clone();
    put(folder, &mut arguments)?;
    Some((InvokeBody::Json(arguments), headers))
}

fn in_headers(headers: &HeaderMap) -> Option<Value> {
    let path = percent_decode(headers.get("path")?.as_bytes());
    let path = path.decode_utf8().ok()?;
    let options: Value = serde_json::from_str(headers.get("options")?.to_str().ok()?).ok()?;
    Some(json!({"path": path, "options": options}))
}

/// Puts the folder before the paths that are in the directory of the resources. `None`: there is no
/// such path, or one that the plugin refuses.
fn put(folder: &Path, arguments: &mut Value) -> Option<()> {
    let resource = json!(BaseDirectory::Resource as u16);
    let mut done = None;
    for (argument, option) in PATHS {
        if arguments["options"].get(option) != Some(&resource) {
            continue;
        }
        let paths = match arguments.get_mut(argument) {
            None => continue,
            Some(Value::Array(paths)) => paths.iter_mut().collect(),
            Some(path) => vec![path],
        };
        for path in paths {
            *path = file(folder, path.as_str()?)?.into();
        }
        done = Some(());
    }
    if let Some(options) = arguments["options"].as_object_mut() {
        let of_paths = |name: &str| PATHS.iter().any(|(_, option)| *option == name);
        options.retain(|name, value| *value != resource || !of_paths(name));
    }
    done
}

/// `None`: the plugin refuses that path, or what it is a URL of.
fn file(folder: &Path, path: &str) -> Option<String> {
    let path = match Url::parse(path) {
        // One letter is a drive.
        Ok(url) if url.scheme().len() > 1 => url.to_file_path().ok()?,
        _ => PathBuf::from(path),
    };
    let leaves = path.components().any(|part| part == Component::ParentDir);
    (!leaves).then(|| page_paths::in_folder(folder, &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_in(mut arguments: Value) -> Option<Value> {
        put(Path::new("/app"), &mut arguments).map(|()| arguments)
    }

    #[test]
    fn paths_among_the_resources_are_in_the_folder() {
        for (path, expected) in [
            ("a b.txt", "/app/a b.txt"),
            ("./a//b", "/app/a/b"),
            ("/etc/passwd", "/app/etc/passwd"),
            ("", "/app"),
            ("file:///a%20b", "/app/a b"),
        ] {
            let options = json!({"baseDir": 11, "delayMs": 11});
            let put = put_in(json!({"path": path, "options": options})).unwrap();
            assert_eq!(put, json!({"path": expected, "options": {"delayMs": 11}}));
        }
        let put = put_in(json!({"paths": ["a", "b"], "options": {"baseDir": 11}})).unwrap();
        assert_eq!(put["paths"], json!(["/app/a", "/app/b"]));
    }

    #[test]
    fn each_path_has_its_own_directory() {
        let options = json!({"fromPathBaseDir": 11, "toPathBaseDir": 14});
        let put = put_in(json!({"fromPath": "a", "toPath": "b", "options": options})).unwrap();
        let options = json!({"toPathBaseDir": 14});
        assert_eq!(
            put,
            json!({"fromPath": "/app/a", "toPath": "b", "options": options})
        );
    }

    #[test]
    fn other_calls_are_left_to_the_plugin() {
        for (path, options) in [
            (json!("a"), json!({"baseDir": 14})),
            (json!("a"), json!({"baseDir": null})),
            (json!("a"), json!({})),
            (json!("a"), Value::Null),
            (json!("../a"), json!({"baseDir": 11})),
            (json!("a/../../b"), json!({"baseDir": 11})),
            (json!("https://a/b"), json!({"baseDir": 11})),
            (json!(1), json!({"baseDir": 11})),
        ] {
            assert_eq!(put_in(json!({"path": path, "options": options})), None);
        }
    }
}
