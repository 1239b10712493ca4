//! Parses the frames that a page sends. Any byte of them may be hostile.

use std::num::NonZeroU32;

use serde::{Deserialize, Deserializer};

use crate::{
    actors::{Class, Epoch, StreamOptions, Taken},
    error::CallError,
};

/// The version of the wire protocol.
pub(super) const VERSION: u32 = 1;
/// Ids travel as JavaScript numbers.
const MAX_ID: u64 = (1 << 53) - 1;
const MAX_HEAD: usize = 8 * 1024;
const MAX_NAME: usize = 256;
/// How many more calls one cancel frame may name.
const MAX_CANCELS: usize = 1000;

/// How the payload of a call is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyKind {
    /// UTF-8 JSON text.
    Json,
    /// Bytes.
    Raw,
    /// No body.
    #[default]
    None,
}

/// The head of a call, from the header `transom`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallHead {
    /// The document.
    #[serde(rename = "e")]
    pub epoch: Epoch,
    /// The number that the document gave the call.
    #[serde(rename = "i", deserialize_with = "id")]
    pub id: u64,
    /// The command. It is empty where `attach` names a job.
    #[serde(rename = "c", default)]
    pub command: String,
    /// The job whose progress and outcome the page wants, instead of a command.
    #[serde(rename = "a", default)]
    pub attach: Option<u64>,
    /// How to read the payload.
    #[serde(rename = "b", default)]
    pub body: BodyKind,
    /// Whether the page listens to progress.
    #[serde(rename = "p", default)]
    pub progress: bool,
    /// How long the page lets the call take, in milliseconds.
    #[serde(rename = "t", default)]
    pub timeout: Option<u64>,
    /// How urgent it is.
    #[serde(rename = "q", default, deserialize_with = "class")]
    pub class: Class,
    /// How the page wants a stream, if it wants one.
    #[serde(rename = "s", default)]
    pub stream: Option<StreamHead>,
}

/// How a page wants a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct StreamHead {
    /// How many items may be outstanding.
    #[serde(rename = "n", default)]
    buffer: Option<NonZeroU32>,
    /// Only the latest item is kept.
    #[serde(rename = "c", default)]
    conflate: bool,
}

impl From<StreamHead> for StreamOptions {
    fn from(head: StreamHead) -> Self {
        Self {
            buffer: head.buffer.map(|n| n.get() as usize),
            conflate: head.conflate,
        }
    }
}

impl CallHead {
    /// Decodes the header's value.
    pub fn decode(value: Option<&[u8]>) -> Result<Self, CallError> {
        let value =
            value.ok_or_else(|| CallError::protocol("the frame has no `transom` header"))?;
        if value.len() > MAX_HEAD {
            return Err(CallError::protocol(format!(
                "the head of the frame is longer than {MAX_HEAD} bytes"
            )));
        }
        let head: Self = serde_json::from_slice(value).map_err(malformed)?;
        let length = head.command.len();
        if head.attach.is_some() == (length > 0) || length > MAX_NAME {
            return Err(CallError::protocol(format!(
                "a command's name has 1 to {MAX_NAME} bytes, and there is none beside a job"
            )));
        }
        Ok(head)
    }
}

/// A control frame.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Control {
    /// A document's first frame.
    Hello { epoch: Epoch, version: u32 },
    /// Cancels a call, and others with it.
    Cancel {
        epoch: Epoch,
        #[serde(deserialize_with = "id")]
        id: u64,
        #[serde(default, deserialize_with = "ids")]
        and: Vec<u64>,
    },
    /// Asks how the work of a call ended. It is answered when the work has ended.
    Released {
        epoch: Epoch,
        #[serde(deserialize_with = "id")]
        id: u64,
        /// The epoch of the call, if the document has begun another one since.
        #[serde(default)]
        of: Option<Epoch>,
    },
    /// Asks for the jobs that the window may see.
    Jobs { epoch: Epoch },
    /// Answers a call of a page's function.
    Reply {
        epoch: Epoch,
        call: u64,
        ok: bool,
        /// JSON text: the value, or the error's `{"name", "message"}`. As text it keeps the order
        /// of keys, any depth, and lone surrogates, for which this frame has no place.
        json: String,
    },
}

/// The arguments of a pull.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct PullFrame {
    /// The document.
    pub(super) epoch: Epoch,
    /// Answer at once, even with nothing.
    #[serde(default)]
    pub(super) now: bool,
    /// How many calls of the page's functions have arrived. `None`: all that were sent.
    #[serde(default)]
    pub(super) calls: Option<u64>,
    /// The frames that were sent last may be lost.
    #[serde(default)]
    pub(super) again: bool,
}

/// The arguments of a pull of a stream's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct NextFrame {
    /// The document.
    pub(super) epoch: Epoch,
    /// The stream's call.
    #[serde(deserialize_with = "id")]
    pub(super) id: u64,
    received: u64,
    taken: u64,
}

#[derive(Deserialize)]
struct ControlArgs {
    frame: Control,
}

impl Control {
    /// Parses a control frame that came without Tauri's arguments around it.
    pub(super) fn parse(text: &str) -> Result<Self, CallError> {
        serde_json::from_str(text).map_err(malformed)
    }

    /// Decodes the arguments of a control command.
    pub fn decode(args: &serde_json::Value) -> Result<Self, CallError> {
        ControlArgs::deserialize(args)
            .map(|args| args.frame)
            .map_err(malformed)
    }
}

impl PullFrame {
    /// Decodes the arguments of a pull.
    pub(super) fn decode(args: &serde_json::Value) -> Result<Self, CallError> {
        Self::deserialize(args).map_err(malformed)
    }
}

impl NextFrame {
    /// Decodes the arguments of a pull of a stream's items.
    pub(super) fn decode(args: &serde_json::Value) -> Result<Self, CallError> {
        Self::deserialize(args).map_err(malformed)
    }

    /// How much the page has received.
    pub(super) fn at(&self) -> Taken {
        Taken {
            received: self.received,
            taken: self.taken,
        }
    }
}

/// Reads the bytes of a payload that came as an array of numbers, as without Tauri's fetch
/// transport.
pub(super) fn bytes_of_numbers(numbers: &[serde_json::Value]) -> Result<Vec<u8>, CallError> {
    numbers
        .iter()
        .map(|number| number.as_u64().and_then(|n| u8::try_from(n).ok()))
        .collect::<Option<_>>()
        .ok_or_else(|| CallError::protocol("the payload is not an array of bytes"))
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    checked(u64::deserialize(deserializer)?)
}

fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    let ids = Vec::<u64>::deserialize(deserializer)?;
    if ids.len() > MAX_CANCELS {
        let text = format!("a frame gives up {MAX_CANCELS} more calls at most");
        return Err(serde::de::Error::custom(text));
    }
    ids.into_iter().map(checked).collect()
}

fn checked<E: serde::de::Error>(id: u64) -> Result<u64, E> {
    if (1..=MAX_ID).contains(&id) {
        Ok(id)
    } else {
        Err(E::custom("an id is from 1 to 2^53 - 1"))
    }
}

fn class<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Class, D::Error> {
    match &*String::deserialize(deserializer)? {
        "b" => Ok(Class::Background),
        other => Err(serde::de::Error::custom(format!(
            "there is no class {other:?}"
        ))),
    }
}

fn malformed(error: serde_json::Error) -> CallError {
    CallError::protocol(format!("malformed frame: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorCode;

    const HEAD: &[u8] =
        br#"{"e":"000102030405060708090a0b0c0d0e0f","i":7,"c":"gr\u00fc\u00dfe","b":"json"}"#;

    #[test]
    fn a_head_is_ascii_and_names_any_command() {
        let head = CallHead::decode(Some(HEAD)).unwrap();
        assert_eq!((head.id, head.command.as_str()), (7, "grüße"));
        assert_eq!(head.body, BodyKind::Json);
        assert!(!head.progress);
        assert_eq!((head.class, head.timeout), (Class::Interactive, None));
    }

    #[test]
    fn a_head_says_how_urgent_the_call_is_and_how_long_it_may_take() {
        let head = br#"{"e":"000102030405060708090a0b0c0d0e0f","i":7,"c":"x","t":250,"q":"b"}"#;
        let head = CallHead::decode(Some(head)).unwrap();
        assert_eq!((head.class, head.timeout), (Class::Background, Some(250)));
    }

    #[test]
    fn a_cancel_names_up_to_a_thousand_other_calls() {
        let cancel = |and: &str| {
            let epoch = "000102030405060708090a0b0c0d0e0f";
            let frame = format!(r#"{{"op":"cancel","epoch":"{epoch}","id":1,"and":[{and}]}}"#);
            match Control::parse(&frame)? {
                Control::Cancel { and, .. } => Ok(and),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(cancel("2,3").unwrap(), [2, 3]);
        let many = |count: usize| vec!["2"; count].join(",");
        assert_eq!(cancel(&many(MAX_CANCELS)).unwrap().len(), MAX_CANCELS);
        for bad in [
            &many(MAX_CANCELS + 1),
            "0",
            "9007199254740992",
            "-1",
            "\"2\"",
        ] {
            let error: CallError = cancel(bad).unwrap_err();
            assert_eq!(error.code, ErrorCode::ProtocolError, "{bad:.20}");
        }
    }

    #[test]
    fn what_breaks_the_rules_is_a_protocol_error() {
        let epoch = "000102030405060708090a0b0c0d0e0f";
        let long = "x".repeat(300);
        let cases = [
            "".to_string(),
            "{}".into(),
            r#"{"e":"00","i":1,"c":"x"}"#.into(),
            format!(r#"{{"e":"{epoch}","i":0,"c":"x"}}"#),
            format!(r#"{{"e":"{epoch}","i":9007199254740992,"c":"x"}}"#),
            format!(r#"{{"e":"{epoch}","i":-1,"c":"x"}}"#),
            format!(r#"{{"e":"{epoch}","i":1,"c":""}}"#),
            format!(r#"{{"e":"{epoch}","i":1,"c":"{long}"}}"#),
            format!(r#"{{"e":"{epoch}","i":1,"c":"x","b":"blob"}}"#),
            format!(r#"{{"e":"{epoch}","i":1,"c":"x","q":"now"}}"#),
            format!(r#"{{"e":"{epoch}","i":1,"c":"x","t":-1}}"#),
        ];
        for case in cases {
            let error = CallHead::decode(Some(case.as_bytes())).unwrap_err();
            assert_eq!(error.code, ErrorCode::ProtocolError, "{case}");
        }
        assert!(CallHead::decode(None).is_err());
    }

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = CallHead::decode(Some(&bytes));
            if let Ok(value) = serde_json::from_slice(&bytes) {
                let _ = Control::decode(&value);
                let _ = PullFrame::decode(&value);
            }
        }

        #[test]
        fn numbers_are_bytes_or_refused(numbers in prop::collection::vec(-1i64..300, 0..40)) {
            let values: Vec<_> = numbers.iter().map(|n| serde_json::json!(n)).collect();
            let expected: Option<Vec<u8>> = numbers.iter().map(|n| u8::try_from(*n).ok()).collect();
            prop_assert_eq!(bytes_of_numbers(&values).ok(), expected);
        }
    }
}
