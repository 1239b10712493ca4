//! By what a command keeps its calls apart: not at all, by window, or by a value of the body.

use std::{fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{message::Name, request::Body};

/// Values longer than this are told apart by their hash, so that keys stay small.
const LONGEST: usize = 256;

/// What a key is read from; its text is `app`, `window` or a JSON pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum KeySource {
    /// All calls have the same.
    #[default]
    App,
    /// The label of the calling window.
    Window,
    /// A value of the body, as the tokens of a JSON pointer.
    Pointer(Arc<[String]>),
}

/// The key of one call. `None`: the one of all calls, or of those whose body has no such value.
pub type Key = Option<Name>;

impl KeySource {
    /// The key of a call. `Err`: the body is not JSON.
    pub fn key(&self, window: &Name, body: &Body) -> Result<Key, serde_json::Error> {
        match (self, body) {
            (Self::App, _) | (Self::Pointer(_), Body::None) => Ok(None),
            (Self::Window, _) => Ok(Some(window.clone())),
            // Commands read JSON out of bytes too.
            (Self::Pointer(path), Body::Json(text) | Body::Raw(text)) => {
                Ok(value_at(text, path)?.map(short))
            }
        }
    }
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

/// The text, number or truth value at `path`, as text; whatever else is there is no value. All of
/// the body is read, and nothing of it is kept: as in Python, the last of equal names counts.
fn value_at(json: &[u8], path: &[String]) -> Result<Option<String>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let found = Seek(path).deserialize(&mut reader)?;
    reader.end()?;
    Ok(found)
}

struct Seek<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl Seek<'_> {
    fn scalar(&self, text: impl ToString) -> Option<String> {
        self.0.is_empty().then(|| text.to_string())
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.scalar(value))
    }

    /// `1.0` is written like `1`, as JavaScript does.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((name, rest)) = self.0.split_first() else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(None);
        };
        let mut found = None;
        while let Some(matches) = map.next_key_seed(Is(name))? {
            if matches {
                found = map.next_value_seed(Seek(rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        if let Some((token, rest)) = self.0.split_first()
            && let Some(index) = index(token)
        {
            for _ in 0..index {
                if items.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(None);
                }
            }
            found = items.next_element_seed(Seek(rest))?.flatten();
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

/// An index as JSON pointers write it: without leading zeros.
fn index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with(['0', '+']);
    plain.then(|| token.parse().ok()).flatten()
}

/// Whether a name is this one, without a copy of it.
struct Is<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

/// The keys of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Keys {
    /// Whose permit it takes.
    pub permit: Key,
    /// Whom it replaces or waits for, as the queue's policy says.
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

    proptest! {
        #![proptest_config(crate::cases::cases())]

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = source("/a/0").key(&"main".into(), &Body::Raw(bytes));
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
