//! Leaves out the permissions of plugins that this build does not have.
//!
//! Capability files that were written for another program name such permissions. They grant
//! nothing without their plugin, so the app starts without them, and its author is warned.

use std::collections::{BTreeMap, BTreeSet};

use tauri::utils::{
    acl::{Identifier, capability::PermissionEntry},
    platform::Target,
};

use super::{
    capabilities::{Capabilities, Sourced},
    permissions::Manifests,
};

/// What stands for the permissions of PyTauri's plugin.
const OF_PYTAURI: [(&str, &str); 3] = [
    ("pytauri:default", "transom:default"),
    ("pytauri:allow-pyfunc", "transom:default"),
    ("pytauri:deny-pyfunc", "transom:deny-call"),
];
/// The shortest name of a plugin in which one wrong letter is taken for a mistake. Shorter names of
/// different plugins are that similar, such as `fs` and `os`.
const TELLING: usize = 5;

/// Permissions by the place where their author finds them.
type PermissionsBySource = BTreeMap<String, BTreeSet<String>>;

/// Removes the permissions of absent plugins from `chosen`, and replaces PyTauri's by those of this
/// crate. Returns the warnings, of which one lists everything that was left out.
pub(in crate::context) fn leave_out(
    chosen: &mut Capabilities,
    manifests: &Manifests,
    target: Target,
) -> Vec<String> {
    let (mut absent, mut renamed) = (PermissionsBySource::new(), PermissionsBySource::new());
    for Sourced { capability, origin } in chosen.values_mut() {
        let is_active = capability.is_active(&target);
        let note = |named: &mut PermissionsBySource, text: String| {
            if is_active {
                named.entry(origin.clone()).or_default().insert(text);
            }
        };
        capability.permissions.retain_mut(|entry| {
            if let Some((old, new)) = rename(entry, manifests) {
                note(&mut renamed, format!("`{old}` as `{new}`"));
            }
            let permission = entry.identifier();
            let stays = !is_absent(permission, manifests);
            if !stays {
                note(&mut absent, format!("`{}`", permission.get()));
            }
            stays
        });
    }
    let mut warnings = Vec::new();
    if !renamed.is_empty() {
        warnings.push(format!(
            "permissions of PyTauri are taken as those of Transom: {}; write the latter into the capability files",
            list(&renamed)
        ));
    }
    if !absent.is_empty() {
        warnings.push(format!(
            "permissions of plugins that this build does not have are left out, and the rest of each file holds: {}. Remove them, or use a build with these plugins; until then no page can call them",
            list(&absent)
        ));
    }
    warnings
}

fn list(named: &PermissionsBySource) -> String {
    let of_file = |(origin, names): (&String, &BTreeSet<String>)| {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        format!("{} in {origin}", names.join(", "))
    };
    named.iter().map(of_file).collect::<Vec<_>>().join("; ")
}

/// Gives a permission of PyTauri the name that it has here. Returns the old name and the new one.
fn rename(
    entry: &mut PermissionEntry,
    manifests: &Manifests,
) -> Option<(&'static str, &'static str)> {
    let name = entry.identifier().get();
    let (old, new) = OF_PYTAURI.into_iter().find(|(old, _)| *old == name)?;
    if manifests.contains_key("pytauri") {
        return None;
    }
    let known = Identifier::try_from(new.to_owned()).ok()?;
    match entry {
        PermissionEntry::PermissionRef(identifier)
        | PermissionEntry::ExtendedPermission { identifier, .. } => *identifier = known,
    }
    Some((old, new))
}

/// Whether a permission belongs to a plugin that is not there, and is not a misspelt one of a
/// plugin that is.
fn is_absent(permission: &Identifier, manifests: &Manifests) -> bool {
    let Some(plugin) = permission.get_prefix() else {
        return false;
    };
    // `core` stands for all of `core:window`, `core:event` and so on.
    let family = plugin.split(':').next().unwrap_or(plugin);
    let is_meant = |known: &String| {
        known == family
            || (known.len() >= TELLING && strsim::damerau_levenshtein(plugin, known) == 1)
    };
    !manifests.contains_key(plugin) && !manifests.keys().any(is_meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{acl::permissions, tests::capabilities};
    use serde_json::{Value, json};

    fn left(list: Value) -> (Capabilities, Vec<String>) {
        let mut chosen = capabilities(list);
        let manifests = permissions::of_this_build().unwrap();
        let warnings = leave_out(&mut chosen, &manifests, Target::Linux);
        (chosen, warnings)
    }

    fn names(chosen: &Capabilities, capability: &str) -> Vec<String> {
        let entries = chosen[capability].capability.permissions.iter();
        entries
            .map(|entry| entry.identifier().get().to_owned())
            .collect()
    }

    #[test]
    fn one_warning_lists_everything_that_is_left_out() {
        let scoped = json!({"identifier": "nobody:allow-a", "allow": [{"path": "*"}]});
        let (chosen, warnings) = left(json!([
            {"identifier": "one", "windows": ["*"],
                "permissions": ["core:default", "nobody:default", scoped]},
            {"identifier": "two", "windows": ["*"],
                "permissions": ["nowhere:default", "transom:default", "nobody:default"]},
        ]));
        assert_eq!(names(&chosen, "one"), ["core:default"]);
        assert_eq!(names(&chosen, "two"), ["transom:default"]);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let listed = "`nobody:allow-a`, `nobody:default`, `nowhere:default` in `capabilities/";
        assert!(warnings[0].contains(listed), "{warnings:?}");
    }

    #[test]
    fn what_holds_on_another_platform_only_is_not_warned_of() {
        let (chosen, warnings) = left(json!([{"identifier": "phone", "windows": ["*"],
            "platforms": ["iOS", "android"], "permissions": ["haptics:default"]}]));
        assert_eq!(names(&chosen, "phone"), Vec::<String>::new());
        assert_eq!(warnings, Vec::<String>::new());
    }

    #[test]
    fn misspelt_names_of_this_build_stay_and_are_refused_later() {
        let wrong = [
            "transom:allow-cal",
            "core:window:allow-foo",
            "core:windw:default",
            "trasnom:default",
            "trnsom:deny-call",
            "allow-call",
        ];
        let (chosen, warnings) =
            left(json!([{"identifier": "x", "windows": ["*"], "permissions": wrong}]));
        assert_eq!(names(&chosen, "x"), wrong);
        assert_eq!(warnings, Vec::<String>::new());
    }

    #[test]
    fn permissions_of_pytauri_are_taken_as_those_of_this_crate() {
        let scoped = json!({"identifier": "pytauri:allow-pyfunc", "allow": []});
        let (chosen, warnings) = left(json!([{"identifier": "x", "windows": ["*"],
            "permissions": ["pytauri:default", scoped, "pytauri:deny-pyfunc"]}]));
        assert_eq!(
            names(&chosen, "x"),
            ["transom:default", "transom:default", "transom:deny-call"]
        );
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let text = "`pytauri:default` as `transom:default`";
        assert!(warnings[0].contains(text), "{warnings:?}");
    }
}
