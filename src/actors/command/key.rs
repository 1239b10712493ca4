//! Computes the key that groups a command's calls: all together, by window, or by a body value.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::json_values::values_at;
use crate::actors::{call::request::Body, ids::Name};

/// Values longer than this are told apart by their hash, so that keys stay small.
const LONGEST: usize = 256;

/// Where a key is read from. Its text is `app`, `window` or a JSON pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum KeySource {
    /// All calls have the same key.
    #[default]
    App,
    /// The label of the calling window.
    Window,
    /// A value of the body, as the tokens of a JSON pointer.
    Pointer(Arc<[String]>),
}

/// The key of one call. `None` is the key of all calls, or of those whose body has no such value.
pub type Key = Option<Name>;

impl KeySource {
    fn path(&self) -> Option<&[String]> {
        match self {
            Self::Pointer(path) => Some(path),
            Self::App | Self::Window => None,
        }
    }

    /// Reads the key of one call. `Err`: the body is not JSON.
    pub fn key(&self, window: &Name, body: &Body) -> Result<Key, serde_json::Error> {
        let mut keys = keys(std::slice::from_ref(self), window, body)?;
        Ok(keys.pop().flatten())
    }
}

/// Reads the keys of one call, one for each source. The body is parsed once, and only if a source
/// needs it. `Err`: it is not JSON.
pub(crate) fn keys(
    sources: &[KeySource],
    window: &Name,
    body: &Body,
) -> Result<Vec<Key>, serde_json::Error> {
    let paths: Vec<_> = sources.iter().filter_map(KeySource::path).collect();
    let values = match body {
        // Commands read JSON out of bytes too.
        Body::Json(text) | Body::Raw(text) if !paths.is_empty() => values_at(text, &paths)?,
        _ => vec![None; paths.len()],
    };
    let mut values = values.into_iter();
    let key = |source: &KeySource| match source {
        KeySource::App => None,
        KeySource::Window => Some(window.clone()),
        KeySource::Pointer(_) => values.next().flatten().map(short),
    };
    Ok(sources.iter().map(key).collect())
}

impl TryFrom<String> for KeySource {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match &*text {
            "app" => Ok(Self::App),
            "window" => Ok(Self::Window),
            pointer if pointer.starts_with('/') => {
                let tokens = pointer.split('/').skip(1);
                let plain = |token: &str| token.replace("~1", "/").replace("~0", "~");
                Ok(Self::Pointer(tokens.map(plain).collect()))
            }
            other => Err(format!(
                "a key is \"app\", \"window\" or a JSON pointer like \"/doc\", not {other:?}"
            )),
        }
    }
}

impl From<KeySource> for String {
    fn from(source: KeySource) -> Self {
        match source {
            KeySource::App => "app".into(),
            KeySource::Window => "window".into(),
            KeySource::Pointer(tokens) => tokens
                .iter()
                .map(|token| format!("/{}", token.replace('~', "~0").replace('/', "~1")))
                .collect(),
        }
    }
}

fn short(text: String) -> Name {
    if text.len() <= LONGEST {
        return text.into();
    }
    // FNV-1a of 128 bits: the same in every run, so that messages can be replayed.
    let hash = text.bytes().fold(
        0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128,
        |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        },
    );
    format!("{} bytes, {hash:032x}", text.len()).into()
}

/// The keys of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Keys {
    /// The key that selects its permits.
    pub permit: Key,
    /// The key that says which calls it replaces or waits for, by the queue's policy.
    pub queue: Key,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn source(text: &str) -> KeySource {
        KeySource::try_from(text.to_owned()).unwrap()
    }

    fn key(pointer: &str, json: &str) -> Option<String> {
        let body = Body::Json(json.into());
        let key = source(pointer).key(&"main".into(), &body).unwrap();
        key.map(|key| key.to_string())
    }

    #[test]
    fn a_source_is_app_window_or_a_pointer() {
        for text in ["app", "window", "/doc", "/a~1b/c~0d/0", "/"] {
            assert_eq!(String::from(source(text)), text);
        }
        for text in ["", "doc", "App"] {
            assert!(KeySource::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn app_and_window_do_not_read_the_body() {
        let body = Body::Raw(b"\xff".to_vec());
        assert_eq!(source("app").key(&"main".into(), &body).unwrap(), None);
        let window = source("window").key(&"main".into(), &body).unwrap();
        assert_eq!(window.as_deref(), Some("main"));
        assert!(source("/doc").key(&"main".into(), &body).is_err());
        assert_eq!(
            source("/doc").key(&"main".into(), &Body::None).unwrap(),
            None
        );
    }

    #[test]
    fn a_value_is_found_and_written_as_text() {
        assert_eq!(
            key("/doc", r#"{"other": [{"doc": 1}], "doc": "a"}"#),
            Some("a".into())
        );
        assert_eq!(key("/a~1b/1", r#"{"a/b": [0, {"x": 1}, 2]}"#), None);
        assert_eq!(
            key("/a~1b/2", r#"{"a/b": [0, {"x": 1}, 2]}"#),
            Some("2".into())
        );
        assert_eq!(key("/doc", r#"{"d\u006fc": "\u0061"}"#), Some("a".into()));
        assert_eq!(key("/", r#"{"": true}"#), Some("true".into()));
    }

    #[test]
    fn the_spelling_of_a_value_makes_no_other_key() {
        let spellings = ["7", "7.0", "0.7e1", r#""7""#];
        let keys = spellings.map(|it| key("/doc", &format!(r#"{{"doc": {it}}}"#)));
        assert_eq!(keys, [(); 4].map(|()| Some("7".into())));
        assert_eq!(
            key("/doc", r#"{"doc": "b", "doc": "a"}"#),
            Some("a".into()),
            "the last counts"
        );
    }

    #[test]
    fn a_body_without_a_plain_value_there_has_no_key() {
        for json in [
            "{}",
            "[]",
            "1",
            r#"{"doc": null}"#,
            r#"{"doc": {}}"#,
            r#"{"doc": ["a"]}"#,
        ] {
            assert_eq!(key("/doc", json), None, "{json}");
        }
        assert_eq!(key("/0", "[]"), None);
        assert_eq!(key("/01", "[1, 2]"), None);
    }

    #[test]
    fn a_long_value_makes_a_short_key_of_its_own() {
        let long = |last: &str| {
            let text = "x".repeat(LONGEST) + last;
            key("/doc", &serde_json::json!({ "doc": text }).to_string()).unwrap()
        };
        assert!(long("a").len() < 64);
        assert_eq!(long("a"), long("a"));
        assert_ne!(long("a"), long("b"));
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        let json = format!(r#"{{"other": {deep}, "doc": "a"}}"#);
        assert_eq!(key("/doc", &json), Some("a".into()));
    }

    fn json(depth: u32) -> impl Strategy<Value = serde_json::Value> {
        use serde_json::Value;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0u64..9).prop_map(Value::from),
            "[x-z]{1,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(depth, 16, 3, |inner| {
            let name = prop::sample::select(vec!["a", "b", "c"]).prop_map(String::from);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let sources = ["/a/0", "/a", "/1/a"].map(source);
            let _ = keys(&sources, &"main".into(), &Body::Raw(bytes));
        }

        #[test]
        fn several_are_found_in_one_reading(json in json(3), repeated in json(2)) {
            let pointers = ["/a", "/b", "/a/b", "/a/0", "/b/1", "/a/b", "/b/a/0"];
            // The last of equal names counts, whatever the first one held.
            let text = format!(r#"{{"a": {repeated}, "b": 1, "a": {json}}}"#);
            let sources = pointers.map(source);
            let body = Body::Json(text.clone().into());
            let together = keys(&sources, &"main".into(), &body).unwrap();
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            for (pointer, found) in pointers.into_iter().zip(together) {
                let expected = match value.pointer(pointer) {
                    Some(serde_json::Value::String(text)) => Some(text.clone()),
                    Some(it) if it.is_number() || it.is_boolean() => Some(it.to_string()),
                    _ => None,
                };
                prop_assert_eq!(found.as_deref(), expected.as_deref(), "{} in {}", pointer, &text);
            }
        }

        #[test]
        fn it_agrees_with_a_parsed_value(a in "[a-c]{0,2}", b in any::<i64>(), c in any::<bool>()) {
            let value = serde_json::json!({"a": {"b": [a, b, c]}, "b": [a]});
            for pointer in ["/a/b/0", "/a/b/1", "/a/b/2", "/b/0", "/b/1", "/a", "/c"] {
                let expected = match value.pointer(pointer) {
                    Some(serde_json::Value::String(text)) => Some(text.clone()),
                    Some(it) if it.is_number() || it.is_boolean() => Some(it.to_string()),
                    _ => None,
                };
                prop_assert_eq!(key(pointer, &value.to_string()), expected);
            }
        }
    }
}
