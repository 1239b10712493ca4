//! Takes `$RESOURCE` in scopes for the folder of the app.
//!
//! Tauri takes it for a folder beside the program, and in an app that is read from a folder the
//! program is the interpreter.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use glob::Pattern;
use tauri::utils::{
    acl::{
        Value,
        resolved::{Resolved, ResolvedScope},
    },
    config::{Config, FsScope},
};

const VARIABLE: &str = "$RESOURCE";
/// The only entry that Tauri reads as a path and not as a pattern: the program of a command.
const PROGRAM: &str = "cmd";

/// Puts `folder` into the scope of the asset protocol.
pub(super) fn in_config(config: &mut Config, folder: &Path) {
    let paths = |paths: &mut Vec<PathBuf>| {
        for path in paths {
            let text = path.to_str();
            if let Some(new) = text.and_then(|text| put(text, &pattern(folder))) {
                *path = new.into();
            }
        }
    };
    match &mut config.app.security.asset_protocol.scope {
        FsScope::AllowedPaths(allow) => paths(allow),
        FsScope::Scope { allow, deny, .. } => {
            paths(allow);
            paths(deny);
        }
    }
}

/// Puts `folder` into the scopes of capabilities, and of the permissions that they name.
pub(super) fn in_scopes(resolved: &mut Resolved, folder: &Path) {
    let of_commands = resolved.command_scope.values_mut();
    for ResolvedScope { allow, deny } in of_commands.chain(resolved.global_scope.values_mut()) {
        for value in allow.iter_mut().chain(deny) {
            in_value(value, folder);
        }
    }
}

fn in_value(value: &mut Value, folder: &Path) {
    match value {
        Value::String(text) => {
            if let Some(new) = put(text, &pattern(folder)) {
                *text = new;
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| in_value(item, folder)),
        Value::Map(items) => in_map(items, folder),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn in_map(items: &mut BTreeMap<String, Value>, folder: &Path) {
    for (key, value) in items {
        match value {
            Value::String(text) if key == PROGRAM => {
                if let Some(new) = put(text, &folder.to_string_lossy()) {
                    *text = new;
                }
            }
            value => in_value(value, folder),
        }
    }
}

/// The folder as a pattern that only it fits.
fn pattern(folder: &Path) -> String {
    Pattern::escape(&folder.to_string_lossy())
}

/// `None`: the text does not begin with the variable.
fn put(text: &str, folder: &str) -> Option<String> {
    let rest = text.strip_prefix(VARIABLE)?;
    let ends = rest.is_empty() || rest.starts_with(['/', '\\']);
    // Tauri leaves `..` out of what begins with a variable, and not out of an absolute path.
    let inside = rest.split_inclusive(['/', '\\']).map(|part| {
        let name = part.trim_end_matches(['/', '\\']);
        if name == ".." {
            Cow::Borrowed("")
        } else {
            part.into()
        }
    });
    ends.then(|| format!("{folder}{}", inside.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_variable_at_the_beginning_is_replaced() {
        for (text, expected) in [
            ("$RESOURCE", Some("/app")),
            ("$RESOURCE/**", Some("/app/**")),
            ("$RESOURCE/../a/../b", Some("/app/a/b")),
            ("$RESOURCES/a", None),
            ("/a/$RESOURCE", None),
            ("$HOME/a", None),
        ] {
            assert_eq!(put(text, "/app").as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_folder_is_no_pattern_but_for_a_program() {
        let text = |text: &str| Value::String(text.into());
        let map = |path: &str, program: &str| {
            let items = [("path", path), (PROGRAM, program)];
            Value::Map(items.map(|(key, it)| (key.into(), text(it))).into())
        };
        let mut value = Value::List(vec![map("$RESOURCE/*", "$RESOURCE/run")]);
        in_value(&mut value, Path::new("/a[1]"));
        assert_eq!(value, Value::List(vec![map("/a[[]1[]]/*", "/a[1]/run")]));
    }

    #[test]
    fn the_asset_protocol_reaches_the_folder() {
        for scope in [
            FsScope::AllowedPaths(vec!["$RESOURCE/a".into()]),
            FsScope::Scope {
                allow: vec!["$RESOURCE/a".into()],
                deny: vec!["$RESOURCE/b".into()],
                require_literal_leading_dot: None,
            },
        ] {
            let mut config = Config::default();
            config.app.security.asset_protocol.scope = scope;
            in_config(&mut config, Path::new("/app"));
            let scope = &config.app.security.asset_protocol.scope;
            assert_eq!(scope.allowed_paths(), &[PathBuf::from("/app/a")]);
        }
    }
}
