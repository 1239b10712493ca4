//! What a window may call and reach: scope entries of the capability files, decided purely.

use glob::Pattern;
use serde::{Deserialize, Serialize};

use crate::error::{CallError, ErrorCode};

/// One entry as it stands in a capability file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Entry {
    /// A command the window may call; a glob.
    Command { command: String },
    /// A window that a command called from here may reach; a glob.
    Window { window: String },
}

impl Entry {
    /// Whether its text can be read as a glob. If not, it stands for itself only.
    pub fn is_glob(&self) -> bool {
        let (Self::Command { command: pattern } | Self::Window { window: pattern }) = self;
        Pattern::new(pattern).is_ok()
    }
}

/// What is granted, with the denials that win over it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Granted entries. Empty grants nothing.
    pub allow: Vec<Entry>,
    /// Denied entries.
    pub deny: Vec<Entry>,
}

impl Scope {
    /// Whether a command of this name may be called.
    pub fn allows_command(&self, name: &str) -> bool {
        self.decide(|entry| matches!(entry, Entry::Command { command } if matches(command, name)))
    }

    /// Whether the window of this label may be reached.
    pub fn allows_window(&self, label: &str) -> bool {
        self.decide(|entry| matches!(entry, Entry::Window { window } if matches(window, label)))
    }

    /// Whether every window there is, and every one to come, may be reached.
    pub fn allows_every_window(&self) -> bool {
        let denial = |entry: &Entry| matches!(entry, Entry::Window { .. });
        let grant = |entry: &Entry| matches!(entry, Entry::Window { window } if window == "*");
        !self.deny.iter().any(denial) && self.allow.iter().any(grant)
    }

    fn decide(&self, hit: impl Fn(&Entry) -> bool) -> bool {
        !self.deny.iter().any(&hit) && self.allow.iter().any(&hit)
    }

    /// The refusal of a command, with the entry that would grant it.
    pub fn command_denied(&self, window: &str, command: &str) -> CallError {
        let entry = serde_json::json!({ "command": command });
        let text = format!(
            "window `{window}` may not call `{command}`: add {entry} to the `allow` list of a \
             `transom:allow-call` permission in one of its capabilities"
        );
        CallError::new(ErrorCode::PermissionDenied, text).with("entry", entry)
    }

    /// Why a command called by `window` may not reach the window `label`, with the entry that
    /// would let it. `*` stands for every window.
    pub fn window_denied(&self, window: &str, label: &str) -> String {
        let entry = serde_json::json!({ "window": label });
        let whom = match label {
            "*" => "every window".to_owned(),
            label => format!("window `{label}`"),
        };
        let mut text = format!(
            "a command that window `{window}` called may not reach {whom}: add {entry} to the \
             `allow` list of a `transom:allow-call` permission in a capability of `{window}`"
        );
        let denial = |entry: &&Entry| matches!(entry, Entry::Window { window } if label == "*" || matches(window, label));
        if let Some(Entry::Window { window }) = self.deny.iter().find(denial) {
            let entry = serde_json::json!({ "window": window });
            text += &format!(", and take {entry} out of its `deny` list");
        }
        text
    }
}

/// Exact text first, so that a name with glob characters can be granted by itself.
fn matches(pattern: &str, name: &str) -> bool {
    pattern == name || Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(name: &str) -> Entry {
        Entry::Command {
            command: name.into(),
        }
    }

    #[test]
    fn an_empty_scope_grants_nothing() {
        assert!(!Scope::default().allows_command("greet"));
        assert!(!Scope::default().allows_window("main"));
    }

    #[test]
    fn a_denial_wins_over_a_grant() {
        let scope = Scope {
            allow: vec![command("*")],
            deny: vec![command("secret-*")],
        };
        assert!(scope.allows_command("greet"));
        assert!(!scope.allows_command("secret-key"));
    }

    #[test]
    fn exact_text_is_tried_before_the_glob() {
        let scope = Scope {
            allow: vec![command("[odd")],
            deny: vec![],
        };
        assert!(scope.allows_command("[odd"));
        assert!(!scope.allows_command("o"));
    }

    #[test]
    fn an_entry_of_the_other_kind_grants_nothing() {
        let scope = Scope {
            allow: vec![Entry::Window { window: "*".into() }],
            deny: vec![],
        };
        assert!(!scope.allows_command("main"));
        assert!(scope.allows_window("main"));
    }

    fn window(label: &str) -> Entry {
        Entry::Window {
            window: label.into(),
        }
    }

    #[test]
    fn every_window_is_more_than_those_that_are_named() {
        let scope = |allow: &[&str], deny: &[&str]| Scope {
            allow: allow.iter().copied().map(window).collect(),
            deny: deny.iter().copied().map(window).collect(),
        };
        assert!(scope(&["main", "*"], &[]).allows_every_window());
        assert!(!scope(&["main", "editor-*"], &[]).allows_every_window());
        assert!(!scope(&["*"], &["main"]).allows_every_window());
        assert!(!Scope::default().allows_every_window());
    }

    #[test]
    fn a_refusal_names_the_entries_to_change() {
        let scope = Scope {
            allow: vec![command("*")],
            deny: vec![window("ma*")],
        };
        let text = scope.window_denied("editor", "main");
        assert!(text.contains(r#"add {"window":"main"}"#), "{text}");
        assert!(text.contains(r#"take {"window":"ma*"} out"#), "{text}");
        let text = scope.window_denied("editor", "other");
        assert!(!text.contains("deny"), "{text}");
    }

    #[test]
    fn an_unknown_key_is_no_entry() {
        assert!(serde_json::from_str::<Entry>(r#"{"comand": "*"}"#).is_err());
    }
}
