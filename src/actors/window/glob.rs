//! Compiles the glob patterns of capability files once, because every call is matched with them.

use std::fmt;

use glob::Pattern;
use serde::{Deserialize, Serialize};

/// A glob, and its text. One that is no valid glob matches only its own text.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Glob {
    text: String,
    pattern: Option<Pattern>,
}

impl Glob {
    /// The text, as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is a valid glob.
    pub fn is_valid(&self) -> bool {
        self.pattern.is_some()
    }

    /// Compares as exact text first, so that a name with glob characters can be granted by itself.
    pub fn matches(&self, name: &str) -> bool {
        let pattern = self.pattern.as_ref();
        self.text == name || pattern.is_some_and(|pattern| pattern.matches(name))
    }
}

impl From<String> for Glob {
    fn from(text: String) -> Self {
        let pattern = Pattern::new(&text).ok();
        Self { text, pattern }
    }
}

impl From<&str> for Glob {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> Self {
        glob.text
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}
