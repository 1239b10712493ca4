//! Encodes the items of a stream into batches for a page.
//!
//! | kind | form |
//! | --- | --- |
//! | JSON | `{"n": 7, "items": […]}` |
//! | bytes | `n` as 8 bytes, then for each item its length as 4 bytes and itself; little-endian |
//!
//! `n` is the number of items that were handed over before.

/// One item of a stream.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// JSON text.
    Json(&'a str),
    /// Bytes.
    Raw(&'a [u8]),
}

impl Item<'_> {
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Raw(bytes) => bytes.len(),
        }
    }
}

/// A batch of items, encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    /// JSON text.
    Json(String),
    /// Bytes.
    Raw(Vec<u8>),
}

impl Batch {
    /// A batch without items, after the first `n`.
    pub(crate) fn empty(n: u64) -> Self {
        Self::Json(head(n) + "]}")
    }
}

fn head(n: u64) -> String {
    format!("{{\"n\":{n},\"items\":[")
}

/// A batch that is being written.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    /// How many items were handed over before this batch.
    first: u64,
    count: u64,
    bytes: usize,
    batch: Option<Batch>,
}

impl Writer {
    pub(crate) fn new(first: u64) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The bytes of the items.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds an item. False: it is not of the kind of those before it, or too large to be sent.
    pub(crate) fn add(&mut self, item: Item<'_>) -> bool {
        let first = self.first;
        let batch = self.batch.get_or_insert_with(|| match item {
            Item::Json(_) => Batch::Json(head(first)),
            Item::Raw(_) => Batch::Raw(first.to_le_bytes().into()),
        });
        match (batch, item) {
            (Batch::Json(text), Item::Json(item)) => {
                if self.count > 0 {
                    text.push(',');
                }
                text.push_str(item);
            }
            (Batch::Raw(bytes), Item::Raw(item)) => {
                let Ok(size) = u32::try_from(item.len()) else {
                    return false;
                };
                bytes.extend_from_slice(&size.to_le_bytes());
                bytes.extend_from_slice(item);
            }
            _ => return false,
        }
        self.count += 1;
        self.bytes += item.size();
        true
    }

    /// Returns the batch. The writer starts the one that follows it.
    pub(crate) fn finish(&mut self) -> Batch {
        let first = self.first;
        let written = std::mem::replace(self, Self::new(first + self.count));
        match written.batch {
            Some(Batch::Json(text)) => Batch::Json(text + "]}"),
            Some(raw) => raw,
            None => Batch::empty(first),
        }
    }

    /// Drops the items that were written.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_items_are_an_array_after_their_number() {
        let mut writer = Writer::new(7);
        assert!(writer.add(Item::Json("1")) && writer.add(Item::Json("\"ä\"")));
        assert_eq!(
            writer.finish(),
            Batch::Json("{\"n\":7,\"items\":[1,\"ä\"]}".into())
        );
        assert_eq!(writer.finish(), Batch::empty(9));
    }

    #[test]
    fn bytes_are_framed_by_their_lengths() {
        let mut writer = Writer::new(1);
        assert!(writer.add(Item::Raw(b"ab")) && writer.add(Item::Raw(b"")));
        let expected = [&[1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0][..], b"ab", &[0; 4]].concat();
        assert_eq!(writer.finish(), Batch::Raw(expected));
    }

    #[test]
    fn kinds_do_not_mix() {
        let mut writer = Writer::new(0);
        assert!(writer.add(Item::Json("1")));
        assert!(!writer.add(Item::Raw(b"1")));
        writer.clear();
        assert!(writer.add(Item::Raw(b"1")));
    }
}
