//! Makes the plugin `updater`, which downloads for pages what was signed for the version offered.
//!
//! What a server says of its newest version is not signed, but the file is, and so is the version in
//! the signature's comment. Without a look at it, a server could offer an old file with its
//! signature under a new version. The plugin that is locked here does not look, newer ones do on
//! request.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use semver::Version;
use serde_json::Value;
use tauri::{
    Manager as _, Webview, Wry,
    ipc::{Invoke, InvokeBody},
};
use tauri_plugin_updater::Update;

use super::guarded::Guarded;

/// Why an update is not installed: upstream writes it over the program, which is the interpreter.
const NO_BUNDLE: &str = "updates are installed in bundled apps only: this app runs from a Python \
     interpreter, which the update would overwrite. `transom.updates` installs updates of such apps";

/// Makes the plugin. `interpreted`: the program of this process is a Python interpreter.
pub(super) fn make(interpreted: bool) -> Guarded {
    Guarded::new(tauri_plugin_updater::Builder::new().build())
        .refuse(move |command, _| {
            let installs = matches!(command, "install" | "download_and_install");
            (interpreted && installs).then(|| NO_BUNDLE.to_owned())
        })
        .take(checked)
}

/// Rejects a download of what must not be installed. All else is left to the plugin.
///
/// `install` takes only what `download` has verified, with the signature that is read here.
fn checked(invoke: Invoke<Wry>) -> Option<Invoke<Wry>> {
    let message = &invoke.message;
    if !matches!(message.command(), "download" | "download_and_install") {
        return Some(invoke);
    }
    let webview = message.webview_ref();
    // The plugin says what is wrong with a call that names no update.
    let Some(update) = named(webview, message.payload()) else {
        return Some(invoke);
    };
    let config = webview.config();
    let settings = config.plugins.0.get("updater").unwrap_or(&Value::Null);
    match refusal(
        update.download_url.scheme(),
        &update.signature,
        &update.version,
        settings,
    ) {
        Some(why) => invoke.resolver.reject(why),
        None => return Some(invoke),
    }
    None
}

/// The update that a call is about.
fn named(webview: &Webview<Wry>, body: &InvokeBody) -> Option<std::sync::Arc<Update>> {
    let InvokeBody::Json(body) = body else {
        return None;
    };
    let id = body.get("rid")?.as_u64()?.try_into().ok()?;
    webview.resources_table().get(id).ok()
}

/// Why a file must not be downloaded, if it must not.
///
/// The comment of the signature can be read before the plugin verifies it: that fails, if somebody
/// has changed the comment.
fn refusal(scheme: &str, signature: &str, offered: &str, settings: &Value) -> Option<String> {
    let set = |name, kebab| {
        let value = settings.get(name).or_else(|| settings.get(kebab));
        value.and_then(Value::as_bool)
    };
    let plain = set(
        "dangerousInsecureTransportProtocol",
        "dangerous-insecure-transport-protocol",
    );
    if scheme != "https" && plain != Some(true) {
        return Some(format!(
            "the update is offered by {scheme}: updates are downloaded by https alone"
        ));
    }
    let Some(comment) = trusted_comment(signature) else {
        return Some("the signature of the update cannot be read: sign the file anew".to_owned());
    };
    match signed_version(&comment) {
        Some(signed) if same(signed, offered) => None,
        Some(signed) => Some(format!(
            "the update was signed as version {signed}, not as {offered}: an old file is offered \
             under a new version"
        )),
        None if set("requireSignedVersion", "require-signed-version") == Some(false) => None,
        None => Some(
            "the signature of the update names no version: sign the file by `transom updates \
             sign`, or set `plugins.updater.requireSignedVersion` to false"
                .to_owned(),
        ),
    }
}

/// The part of minisign's signature that is signed too, besides the file.
fn trusted_comment(signature: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(signature).ok()?).ok()?;
    let comment = text.lines().nth(2)?.strip_prefix("trusted comment: ")?;
    Some(comment.to_owned())
}

fn signed_version(comment: &str) -> Option<&str> {
    comment
        .split('\t')
        .find_map(|item| item.strip_prefix("version:"))
}

fn same(one: &str, other: &str) -> bool {
    let parsed = |text: &str| Version::parse(text.trim_start_matches('v')).ok();
    match (parsed(one), parsed(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn signature(comment: &str) -> String {
        STANDARD.encode(format!(
            "untrusted comment: version:9.9.9\nAAAA\ntrusted comment: {comment}\nAAAA\n"
        ))
    }

    fn of(comment: &str, offered: &str, settings: &Value) -> Option<String> {
        refusal("https", &signature(comment), offered, settings)
    }

    #[test]
    fn what_was_signed_for_the_version_offered_may_be_downloaded() {
        for signed in ["1.2.0", "v1.2.0"] {
            let comment = format!("timestamp:1\tfile:a.deb\tversion:{signed}");
            assert_eq!(of(&comment, "1.2.0", &Value::Null), None);
        }
    }

    #[test]
    fn an_old_file_under_a_new_version_is_refused_whatever_is_set() {
        let lenient = json!({"requireSignedVersion": false});
        for settings in [Value::Null, lenient] {
            let why = of("timestamp:1\tversion:1.1.0", "1.2.0", &settings);
            assert!(why.is_some_and(|it| it.contains("signed as version 1.1.0, not as 1.2.0")));
        }
    }

    #[test]
    fn a_signature_without_a_version_is_refused_unless_the_app_takes_it() {
        for comment in ["timestamp:1", "timestamp:1\tfile:a version:1.2.0"] {
            let why = of(comment, "1.2.0", &Value::Null);
            assert!(why.is_some_and(|it| it.contains("names no version")));
        }
        for name in ["requireSignedVersion", "require-signed-version"] {
            assert_eq!(of("timestamp:1", "1.2.0", &json!({name: false})), None);
            assert!(of("timestamp:1", "1.2.0", &json!({name: true})).is_some());
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let lenient = json!({"requireSignedVersion": false});
        for text in ["", "none", &STANDARD.encode("a\nb\nc\nd")] {
            assert!(refusal("https", text, "1.2.0", &lenient).is_some());
        }
    }

    #[test]
    fn a_file_by_plain_http_is_refused_unless_the_app_takes_it() {
        let signature = signature("version:1.2.0");
        let why = refusal("http", &signature, "1.2.0", &Value::Null);
        assert!(why.is_some_and(|it| it.contains("https alone")));
        let lenient = json!({"dangerousInsecureTransportProtocol": true});
        assert_eq!(refusal("http", &signature, "1.2.0", &lenient), None);
    }
}
