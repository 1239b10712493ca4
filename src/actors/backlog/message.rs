//! Defines the messages that a page is sent over a channel, and the receipt for their arrival.

/// A message for a channel of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelMessage {
    /// JSON text.
    Json(String),
    /// Bytes.
    Raw(Vec<u8>),
}

impl ChannelMessage {
    /// The size in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Raw(bytes) => bytes.len(),
        }
    }
}

/// A value that is dropped when the page has received everything that was sent before it.
pub type Receipt = Box<dyn Send>;
