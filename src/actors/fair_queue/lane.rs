//! Defines the priority class of a call, and its lane: the calls of one class, window and key.

use serde::{Deserialize, Serialize};

use crate::actors::ids::Name;

/// How urgent a call is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A user waits for it.
    #[default]
    Interactive,
    /// It may wait for other calls, but not for ever.
    Background,
}

/// Identifies the calls that wait for the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Lane<K> {
    pub(crate) class: Class,
    pub(crate) window: Name,
    pub(crate) key: K,
}

/// One of each class.
#[derive(Debug, Default)]
pub(super) struct ByClass<T> {
    pub(super) interactive: T,
    pub(super) background: T,
}

impl<T> ByClass<T> {
    pub(super) fn of(&mut self, class: Class) -> &mut T {
        match class {
            Class::Interactive => &mut self.interactive,
            Class::Background => &mut self.background,
        }
    }
}
