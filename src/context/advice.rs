//! Warns about settings that are valid but probably not meant.

use std::{iter, path::Path};

use glob::Pattern;
use tauri::{
    Config,
    utils::{
        acl::capability::{Capability, PermissionEntry},
        config::{FrontendDist, WebviewUrl, WindowConfig},
        platform::Target,
    },
};

use super::acl::capabilities::{Capabilities, Sourced};

/// Collects the warnings, one line each, for the app's log.
pub(super) fn collect(config: &Config, chosen: &Capabilities) -> Vec<String> {
    let active: Vec<&Sourced> = chosen
        .values()
        .filter(|sourced| sourced.capability.is_active(&Target::current()))
        .collect();
    no_frontend(config)
        .into_iter()
        .chain(not_yet(config))
        .chain(no_capability(&active))
        .chain(no_window(&active))
        .chain(unknown_windows(&config.app.windows, &active))
        .chain(idle_restrictions(&active))
        .collect()
}

/// Finds files beside the configuration that look as if they were read, and are not.
pub(super) fn unread_files(dir: &Path, target: Target) -> Vec<String> {
    // `tauri.conf.json`, and `tauri.linux.conf.json`.
    let infixes = [String::new(), format!(".{target}").to_lowercase()];
    infixes
        .iter()
        .filter_map(|infix| {
            // In the order in which Tauri looks for them.
            let names = [
                format!("tauri{infix}.conf.json"),
                format!("tauri{infix}.conf.json5"),
                format!("Tauri{infix}.toml"),
            ];
            let mut there = names.into_iter().filter(|name| dir.join(name).exists());
            let read = there.next()?;
            let unread: Vec<_> = there.map(|name| format!("`{name}`")).collect();
            (!unread.is_empty()).then(|| {
                format!(
                    "the configuration is read from `{read}`, and not from {} beside it; keep one of them",
                    unread.join(" and ")
                )
            })
        })
        .collect()
}

fn no_frontend(config: &Config) -> Option<String> {
    let mut windows = config.app.windows.iter();
    let page = windows.find(|window| matches!(window.url, WebviewUrl::App(_)))?;
    config.build.frontend_dist.is_none().then(|| {
        format!(
            "`build.frontendDist` is not set, so there is no page for the window `{}`; give it the folder of the built frontend",
            page.label
        )
    })
}

/// Finds out that the folder of the pages is not there. An app whose pages are made at run time, or
/// come by URL, can do without.
pub(super) fn missing_frontend(config: &Config, dir: &Path) -> Option<String> {
    let Some(FrontendDist::Directory(folder)) = &config.build.frontend_dist else {
        return None;
    };
    let looked_for = dir.join(folder);
    (!looked_for.is_dir()).then(|| {
        format!(
            "`build.frontendDist` is `{}`, but there is no folder {}, so the app has no pages of its own; build the frontend, or correct the path (it is relative to the folder of the configuration)",
            folder.display(),
            looked_for.display(),
        )
    })
}

/// What the configuration asks for and this build does not have.
fn not_yet(config: &Config) -> impl Iterator<Item = String> {
    let key = "app.macOSPrivateApi";
    let asked_for = config.app.macos_private_api.then_some(key);
    asked_for
        .into_iter()
        .map(|key| format!("`{key}` is not supported yet and has no effect"))
}

fn no_capability(active: &[&Sourced]) -> Option<String> {
    active.is_empty().then(|| {
        "no capability is in force, so no window may call anything; add a file such as `capabilities/main.json`".into()
    })
}

fn no_window(active: &[&Sourced]) -> Vec<String> {
    active
        .iter()
        .filter(|sourced| labels(&sourced.capability).next().is_none())
        .map(|Sourced { capability, origin }| {
            format!(
                "capability `{}` of {origin} names no window, so it grants nothing; add `windows`",
                capability.identifier
            )
        })
        .collect()
}

/// Finds labels, but not globs, that no window of the configuration has, where one of its windows is
/// in no capability: it may be misspelt. Otherwise they are labels of windows that the app makes.
fn unknown_windows(windows: &[WindowConfig], active: &[&Sourced]) -> Vec<String> {
    let is_covered = |window: &WindowConfig| {
        let mut labels = active.iter().flat_map(|it| labels(&it.capability));
        labels.any(|it| Pattern::new(it).is_ok_and(|it| it.matches(&window.label)))
    };
    if windows.iter().all(is_covered) {
        return Vec::new();
    }
    let is_known = |label: &str| windows.iter().any(|window| window.label == label);
    let known: Vec<_> = windows.iter().map(|w| format!("`{}`", w.label)).collect();
    active
        .iter()
        .flat_map(|sourced| labels(&sourced.capability).map(move |label| (sourced, label)))
        .filter(|(_, label)| !label.contains(['*', '?', '[']) && !is_known(label))
        .map(|(Sourced { capability, origin }, label)| {
            format!(
                "capability `{}` of {origin} names the window `{label}`, which is not in the configuration ({}); it holds only if the app makes a window with that label",
                capability.identifier,
                if known.is_empty() { "it has no windows".into() } else { known.join(", ") },
            )
        })
        .collect()
}

/// Finds `transom:allow-call` permissions that restrict nothing, because another capability grants
/// the same window every command.
fn idle_restrictions(active: &[&Sourced]) -> Vec<String> {
    let mut warnings = Vec::new();
    for wide in active.iter().filter(|it| grants_all(&it.capability)) {
        for narrow in active.iter().filter(|it| only_allows_some(&it.capability)) {
            if let Some(label) = common_label(&wide.capability, &narrow.capability) {
                warnings.push(format!(
                    "`transom:allow-call` in capability `{}` of {} restricts nothing for the window `{label}`, because capability `{}` of {} grants it every command; remove `transom:default` there",
                    narrow.capability.identifier, narrow.origin, wide.capability.identifier, wide.origin,
                ));
            }
        }
    }
    warnings
}

fn labels(capability: &Capability) -> impl Iterator<Item = &String> {
    capability.windows.iter().chain(&capability.webviews)
}

fn grants_all(capability: &Capability) -> bool {
    let all = ["transom:default", "transom:allow-all"];
    let mut entries = capability.permissions.iter();
    entries.any(|entry| all.contains(&entry.identifier().get()))
}

/// Whether a capability only allows. A `deny` in it would restrict whatever else is granted.
fn only_allows_some(capability: &Capability) -> bool {
    capability.permissions.iter().any(|entry| {
        let denies = matches!(entry, PermissionEntry::ExtendedPermission { scope, .. }
            if scope.deny.as_ref().is_some_and(|deny| !deny.is_empty()));
        entry.identifier().get() == "transom:allow-call" && !denies
    })
}

/// Finds a label or pattern of one capability that the other covers too.
fn common_label<'a>(one: &'a Capability, other: &'a Capability) -> Option<&'a String> {
    let covers = |pattern: &str, label: &str| {
        pattern == label || Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(label))
    };
    labels(one)
        .flat_map(|a| iter::repeat(a).zip(labels(other)))
        .find_map(|(a, b)| match (covers(a, b), covers(b, a)) {
            (true, _) => Some(b),
            (_, true) => Some(a),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::tests::{Folder, capabilities, config};
    use serde_json::{Value, json};

    fn advice(list: Value) -> Vec<String> {
        let config = config(json!({
            "build": {"frontendDist": "dist"},
            "app": {"windows": [{"label": "main"}, {"label": "editor"}]},
        }));
        collect(&config, &capabilities(list))
    }

    fn one(windows: Value, permissions: Value) -> Value {
        json!({"identifier": "first", "windows": windows, "permissions": permissions})
    }

    #[test]
    fn a_configuration_that_is_not_read_is_named() {
        let unread = |names: &[&str]| {
            let files: Vec<_> = names.iter().map(|name| (*name, "")).collect();
            unread_files(Folder::with(&files).path(), Target::Linux)
        };
        assert_eq!(unread(&["tauri.conf.json"]), Vec::<String>::new());
        assert_eq!(
            unread(&["Tauri.toml", "tauri.linux.conf.json"]),
            Vec::<String>::new()
        );
        let both = unread(&["Tauri.toml", "tauri.conf.json"]);
        assert_eq!(both.len(), 1, "{both:?}");
        assert!(both[0].contains("from `tauri.conf.json`, and not from `Tauri.toml`"));
        let all = unread(&["tauri.conf.json5", "tauri.conf.json", "Tauri.toml"]);
        assert!(
            all[0].contains("`tauri.conf.json5` and `Tauri.toml`"),
            "{all:?}"
        );
        let platform = unread(&[
            "tauri.conf.json",
            "tauri.linux.conf.json",
            "Tauri.linux.toml",
        ]);
        assert!(
            platform[0].contains("not from `Tauri.linux.toml`"),
            "{platform:?}"
        );
    }

    #[test]
    fn usual_capabilities_need_no_advice() {
        let list = json!([one(
            json!(["main", "job-*", "*"]),
            json!(["transom:default"])
        )]);
        assert_eq!(advice(list), Vec::<String>::new());
    }

    #[test]
    fn a_label_that_no_window_has_is_named() {
        let warnings = advice(json!([one(json!(["mian"]), json!(["transom:default"]))]));
        assert_eq!(warnings.len(), 1);
        for part in ["`first`", "`mian`", "`main`, `editor`", "capabilities.json"] {
            assert!(warnings[0].contains(part), "{warnings:?}");
        }
    }

    #[test]
    fn labels_of_windows_to_come_are_not_named_where_every_window_is_covered() {
        let labels = json!(["main", "edit*", "report"]);
        let list = json!([one(labels, json!(["transom:default"]))]);
        assert_eq!(advice(list), Vec::<String>::new());
    }

    #[test]
    fn a_restriction_beside_a_full_grant_is_named() {
        let narrow = json!({"identifier": "narrow", "windows": ["editor"],
            "permissions": [{"identifier": "transom:allow-call", "allow": [{"command": "x"}]}]});
        let wide = |windows: Value| one(windows, json!(["transom:default"]));
        let warnings = advice(json!([wide(json!(["edit*"])), narrow]));
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("`narrow`") && warnings[0].contains("`editor`"));
        assert_eq!(advice(json!([wide(json!(["main"])), narrow])).len(), 0);
    }

    #[test]
    fn a_denial_beside_a_full_grant_does_restrict() {
        let deny = json!({"identifier": "transom:allow-call", "deny": [{"command": "x"}]});
        let list = json!([one(json!(["main"]), json!(["transom:default", deny]))]);
        assert_eq!(advice(list), Vec::<String>::new());
    }

    #[test]
    fn a_capability_without_windows_is_named() {
        let warnings = advice(json!([one(json!([]), json!(["transom:default"]))]));
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("`first`"), "{warnings:?}");
    }

    #[test]
    fn an_app_without_pages_or_capabilities_is_told() {
        let wants_page = config(json!({"app": {"windows": [{"label": "main"}]}}));
        let warnings = collect(&wants_page, &capabilities(json!([])));
        assert!(warnings[0].contains("frontendDist"), "{warnings:?}");
        assert!(warnings[1].contains("no capability"), "{warnings:?}");
        let elsewhere = config(json!({"app": {"windows": [{"url": "https://example.com"}]}}));
        assert_eq!(collect(&elsewhere, &capabilities(json!([]))).len(), 1);
    }

    #[test]
    fn what_has_no_effect_yet_is_named() {
        let asks = config(json!({"app": {"macOSPrivateApi": true}}));
        let warnings = collect(&asks, &capabilities(json!([])));
        let named = |line: &String| line.contains("`app.macOSPrivateApi`");
        assert!(warnings.iter().any(named), "{warnings:?}");
    }
}
