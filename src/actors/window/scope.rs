//! Decides which commands a window may call and which windows it may reach, by capability scopes.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::glob::Glob;
use crate::error::{CallError, ErrorCode};

/// One scope entry of a capability file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum ScopeEntry {
    /// A command the window may call; a glob.
    Command { command: Glob },
    /// A window that a command called from here may reach; a glob.
    Window { window: Glob },
}

impl ScopeEntry {
    /// Whether its text is a valid glob. If not, it matches only itself.
    pub fn is_glob(&self) -> bool {
        let (Self::Command { command: glob } | Self::Window { window: glob }) = self;
        glob.is_valid()
    }
}

/// The granted entries, and the denied ones, which win over them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Granted entries. Empty grants nothing.
    pub allow: Vec<ScopeEntry>,
    /// Denied entries.
    pub deny: Vec<ScopeEntry>,
}

impl Scope {
    /// Whether a command of this name may be called.
    pub fn allows_command(&self, name: &str) -> bool {
        self.decide(
            |entry| matches!(entry, ScopeEntry::Command { command } if command.matches(name)),
        )
    }

    /// Whether the window of this label may be reached.
    pub fn allows_window(&self, label: &str) -> bool {
        self.decide(|entry| matches!(entry, ScopeEntry::Window { window } if window.matches(label)))
    }

    /// Whether every window, also one that opens later, may be reached.
    pub fn allows_every_window(&self) -> bool {
        let denial = |entry: &ScopeEntry| matches!(entry, ScopeEntry::Window { .. });
        let grant = |entry: &ScopeEntry| matches!(entry, ScopeEntry::Window { window } if window.text() == "*");
        !self.deny.iter().any(denial) && self.allow.iter().any(grant)
    }

    fn decide(&self, hit: impl Fn(&ScopeEntry) -> bool) -> bool {
        !self.deny.iter().any(&hit) && self.allow.iter().any(&hit)
    }

    /// The error of a denied command. It names the entries to change.
    pub fn command_denied(&self, window: &str, command: &str) -> CallError {
        let entry = ScopeEntry::Command {
            command: command.into(),
        };
        let hit = |it: &ScopeEntry| match it {
            ScopeEntry::Command { command: glob } => glob.matches(command),
            ScopeEntry::Window { .. } => false,
        };
        let remedy = self.remedy(window, &entry, hit, hit);
        let text = format!("window `{window}` may not call `{command}`: {remedy}");
        CallError::new(ErrorCode::PermissionDenied, text).with("entry", json!(entry))
    }

    /// The text that says why a command called by `window` may not reach the window `label`. It
    /// names the entries to change. `*` stands for every window.
    pub fn window_denied(&self, window: &str, label: &str) -> String {
        let entry = ScopeEntry::Window {
            window: label.into(),
        };
        let every = label == "*";
        let grants = |it: &ScopeEntry| match it {
            ScopeEntry::Window { window } if every => window.text() == "*",
            ScopeEntry::Window { window } => window.matches(label),
            ScopeEntry::Command { .. } => false,
        };
        let denies =
            |it: &ScopeEntry| grants(it) || (every && matches!(it, ScopeEntry::Window { .. }));
        let whom = if every {
            "every window".to_owned()
        } else {
            format!("window `{label}`")
        };
        let remedy = self.remedy(window, &entry, grants, denies);
        format!("a command that window `{window}` called may not reach {whom}: {remedy}")
    }

    /// What to change in the capabilities of `window` so that `entry` is granted.
    fn remedy(
        &self,
        window: &str,
        entry: &ScopeEntry,
        grants: impl Fn(&ScopeEntry) -> bool,
        denies: impl Fn(&ScopeEntry) -> bool,
    ) -> String {
        let mut steps = Vec::new();
        if !self.allow.iter().any(grants) {
            steps.push(format!(
                "add {} to the `allow` list of a `transom:allow-call` permission in a capability of `{window}`",
                json!(entry)
            ));
        }
        for denial in self.deny.iter().filter(|it| denies(it)) {
            steps.push(format!(
                "take {} out of the `deny` list in a capability of `{window}`, where it wins over every `allow`",
                json!(denial)
            ));
        }
        steps.join(", and ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(name: &str) -> ScopeEntry {
        ScopeEntry::Command {
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
            allow: vec![ScopeEntry::Window { window: "*".into() }],
            deny: vec![],
        };
        assert!(!scope.allows_command("main"));
        assert!(scope.allows_window("main"));
    }

    fn window(label: &str) -> ScopeEntry {
        ScopeEntry::Window {
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
    fn a_refusal_of_a_window_names_the_entries_to_change() {
        let scope = Scope {
            allow: vec![command("*")],
            deny: vec![window("ma*")],
        };
        let text = scope.window_denied("editor", "main");
        assert!(text.contains(r#"add {"window":"main"}"#), "{text}");
        assert!(text.contains(r#"take {"window":"ma*"} out"#), "{text}");
        let text = scope.window_denied("editor", "other");
        assert!(!text.contains("deny"), "{text}");
        let scope = Scope {
            allow: vec![window("*")],
            ..scope
        };
        for label in ["main", "*"] {
            let text = scope.window_denied("editor", label);
            assert!(!text.contains("add "), "{text}");
            assert!(text.contains(r#"take {"window":"ma*"} out"#), "{text}");
        }
    }

    #[test]
    fn a_refusal_of_a_command_names_the_denial_and_not_what_is_allowed_already() {
        let scope = |allow: &[&str], deny: &[&str]| Scope {
            allow: allow.iter().copied().map(command).collect(),
            deny: deny.iter().copied().map(command).collect(),
        };
        let told = |scope: Scope| scope.command_denied("main", "secret").message;
        let text = told(scope(&["*"], &["s*", "other"]));
        assert!(text.contains(r#"take {"command":"s*"} out"#), "{text}");
        assert!(!text.contains("add ") && !text.contains("other"), "{text}");
        let text = told(scope(&["other"], &["secret"]));
        assert!(text.contains(r#"add {"command":"secret"} to"#), "{text}");
        assert!(text.contains(r#"take {"command":"secret"} out"#), "{text}");
        assert!(!told(scope(&[], &[])).contains("deny"));
    }

    #[test]
    fn an_unknown_key_is_no_entry() {
        assert!(serde_json::from_str::<ScopeEntry>(r#"{"comand": "*"}"#).is_err());
    }
}
