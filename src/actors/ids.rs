//! Defines the identifiers of calls, windows and documents that the actors exchange.
//!
//! Machines know calls only by key, so that every message can be logged and replayed.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A shared name: a window's label, a command, an executor.
pub type Name = Arc<str>;

/// A call, unique in the life of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CallKey(pub u64);

/// Identifies a control frame that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ticket(pub u64);

/// One document of one window: random, made by the page, bound to a window by `hello`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Epoch(pub u128);

impl From<Epoch> for String {
    fn from(epoch: Epoch) -> Self {
        format!("{:032x}", epoch.0)
    }
}

impl TryFrom<String> for Epoch {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("an epoch is 32 hexadecimal digits")
    }
}

impl Epoch {
    /// Reads the 32 hexadecimal digits of the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_hexdigit());
        (text.len() == 32 && digits)
            .then(|| u128::from_str_radix(text, 16).ok().map(Self))
            .flatten()
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Epoch({:08x}…)", self.0 >> 96)
    }
}

/// A window's label, and which of its openings is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WindowKey {
    /// The label, as Tauri knows it.
    pub label: Name,
    /// The number of this opening, counted over all windows of the app.
    pub generation: u64,
}

/// Where a document came from. Tauri says so, never the frame.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// The app's own pages.
    Local,
    /// Another origin, as text.
    Remote(String),
}

/// How a call's work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Released {
    /// It ran to its end, whether or not somebody waited for it.
    Finished,
    /// A cancel stopped it, or it never started.
    Cancelled,
    /// Its process was killed.
    Killed,
    /// It still ran when its time to clean up was over.
    Abandoned,
}

/// The name by which a page knows one of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PageCall {
    /// The document.
    pub epoch: Epoch,
    /// The number that the document gave the call.
    pub id: u64,
}

impl PageCall {
    /// A call of a page whose client gives its calls no names: it can be neither repeated nor
    /// cancelled by the page. No frame of a page has this name.
    pub const UNNAMED: Self = Self {
        epoch: Epoch(0),
        id: 0,
    };
}
