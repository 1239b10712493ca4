//! Encodes and decodes the frames that the host and a worker exchange.
//!
//! ```text
//! kind: u8 │ head: u32 LE, bytes │ body: u32 LE, bytes │ head (JSON) │ body
//! ```
//!
//! If the highest bit of `kind` is set, the body is not in the frame: it is in the shared memory
//! whose descriptor came with the first byte of the frame.

use crate::error::{CallError, ErrorCode};

const PREFIX: usize = 9;
/// A bit in `kind`: the body is sent separately.
const APART: u8 = 0x80;
/// The limit of a head. A head is JSON that the bridge itself writes: names, headers, error
/// details.
const MAX_HEAD: usize = 4 << 20;

/// What a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// To the worker: its configuration. This is the first frame.
    Setup = b'S',
    /// To the worker: run a call.
    Call = b'C',
    /// To the worker: stop a call.
    Cancel = b'X',
    /// To the worker: how many items of a stream its page has taken.
    Taken = b'T',
    /// To the worker: how many channel messages of a call its page has run.
    Delivered = b'D',
    /// To the host: the worker is ready for calls.
    Ready = b'R',
    /// To the host: progress of a call.
    Progress = b'P',
    /// To the host: a record of the worker's `logging`.
    Log = b'L',
    /// To the host: what a gateway sees of its cluster.
    Cluster = b'G',
    /// To the host: an item of a stream, as JSON text.
    JsonItem = b'I',
    /// To the host: an item of a stream, as bytes.
    RawItem = b'Y',
    /// To the host: a stream has an item and no credit for it.
    Want = b'W',
    /// To the host: a message for a channel of the page, as JSON text.
    JsonMessage = b'M',
    /// To the host: a message for a channel of the page, as bytes.
    RawMessage = b'N',
    /// To the host: an event for the page.
    Event = b'V',
    /// To the host: a call has a message or an event and no credit for it.
    Ask = b'Q',
    /// To the host: the call ended with JSON text.
    Json = b'J',
    /// To the host: the call ended with bytes.
    Raw = b'B',
    /// To the host: the call ended with an error.
    Error = b'E',
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        const ALL: [Kind; 19] = [
            Kind::Setup,
            Kind::Call,
            Kind::Cancel,
            Kind::Taken,
            Kind::Delivered,
            Kind::Ready,
            Kind::Progress,
            Kind::Log,
            Kind::Cluster,
            Kind::JsonItem,
            Kind::RawItem,
            Kind::Want,
            Kind::JsonMessage,
            Kind::RawMessage,
            Kind::Event,
            Kind::Ask,
            Kind::Json,
            Kind::Raw,
            Kind::Error,
        ];
        ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// A frame that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
    /// The length of a body that is sent separately, and is not in `body` yet.
    pub(crate) apart: Option<usize>,
}

/// The prefix and head of a frame whose body follows.
pub(crate) fn encode(kind: Kind, head: &[u8], body: usize) -> Result<Vec<u8>, CallError> {
    let (Ok(head_len), Ok(body_len)) = (u32::try_from(head.len()), u32::try_from(body)) else {
        let text = "a frame for a worker process has 4 GiB at most";
        return Err(CallError::new(ErrorCode::PayloadTooLarge, text));
    };
    let mut frame = Vec::with_capacity(PREFIX + head.len());
    frame.push(kind as u8);
    frame.extend_from_slice(&head_len.to_le_bytes());
    frame.extend_from_slice(&body_len.to_le_bytes());
    frame.extend_from_slice(head);
    Ok(frame)
}

/// Sets in the prefix whether the body is sent separately.
pub(crate) fn mark_apart(frame: &mut [u8], apart: bool) {
    if let Some(kind) = frame.first_mut() {
        *kind = if apart { *kind | APART } else { *kind & !APART };
    }
}

/// Splits a byte stream into frames. The bytes of a body are copied once.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// Bytes that belong to no frame yet.
    bytes: Vec<u8>,
    /// How many of the bytes were consumed.
    given: usize,
    open: Option<Open>,
    max_body: usize,
}

/// A frame whose body is not complete.
#[derive(Debug)]
struct Open {
    frame: Frame,
    /// How many bytes of the body are missing.
    missing: usize,
}

impl Open {
    /// Takes the part of `piece` that belongs to the body, and returns the rest.
    fn fill<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let (body, rest) = piece.split_at(self.missing.min(piece.len()));
        self.frame.body.extend_from_slice(body);
        self.missing -= body.len();
        rest
    }
}

impl Decoder {
    pub(crate) fn new(max_body: usize) -> Self {
        Self {
            bytes: Vec::new(),
            given: 0,
            open: None,
            max_body,
        }
    }

    /// Takes in a piece of the stream.
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        self.bytes.drain(..self.given);
        self.given = 0;
        let rest = match &mut self.open {
            Some(open) => open.fill(piece),
            None => piece,
        };
        self.bytes.extend_from_slice(rest);
    }

    /// The next complete frame. An error says what is wrong with the stream, which cannot go on
    /// then.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, String> {
        if self.open.is_none() {
            self.open = self.begin()?;
        }
        let whole = self.open.take_if(|open| open.missing == 0);
        Ok(whole.map(|open| open.frame))
    }

    /// Takes the beginning of a frame from the bytes, with as much of its body as is there.
    fn begin(&mut self) -> Result<Option<Open>, String> {
        let rest = &self.bytes[self.given..];
        let Some(prefix) = rest.first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let [kind, h0, h1, h2, h3, b0, b1, b2, b3] = *prefix;
        let apart = kind & APART != 0;
        let kind =
            Kind::of(kind & !APART).ok_or_else(|| format!("a frame of the unknown kind {kind}"))?;
        let head = u32::from_le_bytes([h0, h1, h2, h3]) as usize;
        let body = u32::from_le_bytes([b0, b1, b2, b3]) as usize;
        if head > MAX_HEAD || body > self.max_body {
            return Err(format!("a frame of {head} and {body} bytes is too large"));
        }
        let Some((head, rest)) = rest[PREFIX..].split_at_checked(head) else {
            return Ok(None);
        };
        let missing = if apart { 0 } else { body };
        let frame = Frame {
            kind,
            head: head.to_vec(),
            body: Vec::with_capacity(missing),
            apart: apart.then_some(body),
        };
        let mut open = Open { frame, missing };
        let rest = open.fill(rest).len();
        self.given = self.bytes.len() - rest;
        Ok(Some(open))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn kinds() -> impl Strategy<Value = Kind> {
        prop::sample::select(vec![Kind::Ready, Kind::JsonItem, Kind::Raw, Kind::Want])
    }

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn frames_come_out_as_they_went_in_however_they_are_cut(
            frames in prop::collection::vec(
                (
                    kinds(),
                    prop::collection::vec(any::<u8>(), 0..64),
                    prop::collection::vec(any::<u8>(), 0..512),
                    any::<bool>(),
                ),
                0..8,
            ),
            cut in prop_oneof![1_usize..97, Just(4096)],
        ) {
            let mut stream = Vec::new();
            let mut sent = Vec::new();
            for (kind, head, body, apart) in frames {
                let mut frame = encode(kind, &head, body.len()).unwrap();
                mark_apart(&mut frame, apart);
                stream.extend(frame);
                if apart {
                    sent.push((kind, head, Vec::new(), Some(body.len())));
                } else {
                    stream.extend_from_slice(&body);
                    sent.push((kind, head, body, None));
                }
            }
            let mut decoder = Decoder::new(1024);
            let mut out = Vec::new();
            for piece in stream.chunks(cut) {
                decoder.feed(piece);
                while let Some(Frame { kind, head, body, apart }) = decoder.next().unwrap() {
                    out.push((kind, head, body, apart));
                }
            }
            prop_assert_eq!(out, sent);
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut decoder = Decoder::new(16);
            decoder.feed(&bytes);
            while let Ok(Some(_)) = decoder.next() {}
        }
    }

    #[test]
    fn a_body_over_the_limit_ends_the_stream() {
        for apart in [false, true] {
            let mut decoder = Decoder::new(16);
            let mut frame = encode(Kind::Raw, b"", 17).unwrap();
            mark_apart(&mut frame, apart);
            decoder.feed(&frame);
            assert!(decoder.next().is_err());
        }
    }
}
