//! Admits calls for the whole app, tracks its windows and commands, and drains it at exit.

pub(crate) mod machine;
