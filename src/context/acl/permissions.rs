//! Checks capabilities against the permissions of this build, and resolves them for Tauri.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use glob::Pattern;
use tauri::{
    ipc::RuntimeAuthority,
    utils::{
        acl::{
            Identifier, RemoteUrlPattern,
            manifest::Manifest,
            resolved::{Resolved, get_permissions},
        },
        platform::Target,
    },
};

use super::capabilities::{Capabilities, Sourced};
use crate::context::{error::Error, resources};

/// The permissions of Tauri's core, of the plugins that are built in, and of this one.
const MANIFESTS: &str = include_str!(concat!(env!("OUT_DIR"), "/acl-manifests.json"));

/// The command by which the page's client calls Python, as Tauri knows it.
const OWN_CALL: &str = "plugin:transom|call";
/// The same of PyTauri's client. The same windows may use it, with the same scope.
const CALL_OF_PYTAURI: &str = "plugin:pytauri|pyfunc";

pub(in crate::context) type Manifests = BTreeMap<String, Manifest>;

/// The permissions that there are.
pub(in crate::context) fn of_this_build() -> Result<Manifests, Error> {
    serde_json::from_str(MANIFESTS).map_err(|err| Error::Resolve(err.to_string()))
}

/// Checks all of `chosen`, then resolves them for Tauri. `folder` is that of the app.
pub(in crate::context) fn resolve(
    chosen: Capabilities,
    manifests: Manifests,
    target: Target,
    folder: &Path,
) -> Result<RuntimeAuthority, Error> {
    let mut resolved = resolved(chosen, &manifests, target)?;
    resources::in_scopes(&mut resolved, folder);
    Ok(tauri::runtime_authority!(manifests, resolved))
}

/// Checks all of `chosen`, then resolves them.
pub(in crate::context) fn resolved(
    chosen: Capabilities,
    manifests: &Manifests,
    target: Target,
) -> Result<Resolved, Error> {
    for sourced in chosen.values() {
        check(sourced, manifests).map_err(|reason| Error::AddCapability {
            capability: sourced.capability.identifier.clone(),
            origin: sourced.origin.clone(),
            reason,
        })?;
    }
    let chosen = chosen
        .into_iter()
        .map(|(name, sourced)| (name, sourced.capability));
    // Tauri panics where it thinks that a build script has checked
    let mut resolved = catch_unwind(AssertUnwindSafe(|| {
        Resolved::resolve(manifests, chosen.collect(), target)
    }))
    .map_err(|_| Error::Resolve("Tauri does not accept them".into()))?
    .map_err(|err| Error::Resolve(err.to_string()))?;
    for commands in [
        &mut resolved.allowed_commands,
        &mut resolved.denied_commands,
    ] {
        if let Some(windows) = commands.get(OWN_CALL).cloned() {
            commands.insert(CALL_OF_PYTAURI.into(), windows);
        }
    }
    Ok(resolved)
}

/// Checks one capability. The error says what is wrong with it.
fn check(sourced: &Sourced, manifests: &Manifests) -> Result<(), String> {
    let capability = &sourced.capability;
    for label in capability.windows.iter().chain(&capability.webviews) {
        Pattern::new(label).map_err(|err| {
            format!("the window pattern `{label}` is no valid glob ({err}); write a literal `[` as `[[]`")
        })?;
    }
    for url in capability.remote.iter().flat_map(|remote| &remote.urls) {
        url.parse::<RemoteUrlPattern>().map_err(|err| {
            format!("the remote URL `{url}` is no valid URL pattern ({err}); write it as `https://*.example.com/*`")
        })?;
    }
    capability
        .permissions
        .iter()
        .map(|entry| entry.identifier())
        .find(|permission| get_permissions(permission, manifests).is_err())
        .map_or(Ok(()), |permission| Err(unknown(permission, manifests)))
}

fn unknown(permission: &Identifier, manifests: &Manifests) -> String {
    let name = permission.get();
    match nearest(name, names(manifests)) {
        Some(near) => format!("unknown permission `{name}`; did you mean `{near}`?"),
        None => format!(
            "unknown permission `{name}`; permissions are written `plugin:permission`, for example `transom:default` or `core:default`"
        ),
    }
}

/// Every permission and permission set, as a capability names it.
fn names(manifests: &Manifests) -> impl Iterator<Item = String> + '_ {
    manifests.iter().flat_map(|(plugin, manifest)| {
        let default = manifest.default_permission.as_ref().map(|_| "default");
        let own = manifest
            .permissions
            .keys()
            .chain(manifest.permission_sets.keys());
        default
            .into_iter()
            .chain(own.map(String::as_str))
            .map(move |name| format!("{plugin}:{name}"))
    })
}

/// Finds the candidate most similar to `wanted`. If `wanted` has no plugin name, those are ignored.
fn nearest(wanted: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let likeness = |candidate: &str| {
        let compared = match wanted.contains(':') {
            true => candidate,
            false => candidate.rsplit(':').next().unwrap_or(candidate),
        };
        strsim::normalized_damerau_levenshtein(wanted, compared)
    };
    candidates
        .map(|candidate| (likeness(&candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::tests::capabilities;
    use serde_json::{Value, json};

    fn outcome(capability: Value) -> Result<RuntimeAuthority, String> {
        let manifests = of_this_build().unwrap();
        let chosen = capabilities(json!([capability]));
        resolve(chosen, manifests, Target::Linux, Path::new("/app")).map_err(|err| err.to_string())
    }

    fn with_permissions(permissions: Value) -> Value {
        json!({"identifier": "main", "windows": ["main"], "permissions": permissions})
    }

    fn failure(capability: Value) -> String {
        let message = outcome(capability).err().expect("it is refused");
        assert!(
            message.starts_with("Failed to add capability `main` of "),
            "{message}"
        );
        message
    }

    #[test]
    fn good_capabilities_resolve() {
        let scoped = json!({"identifier": "transom:allow-call", "allow": [{"command": "render"}]});
        for permission in [json!("core:default"), json!("transom:default"), scoped] {
            assert!(outcome(with_permissions(json!([permission]))).is_ok());
        }
    }

    #[test]
    fn an_unknown_permission_comes_with_its_nearest() {
        for (wrong, near) in [
            ("transom:alow-call", "`transom:allow-call`"),
            ("trasnom:default", "`transom:default`"),
            ("core:windw:allow-close", "`core:window:allow-close`"),
            ("allow-call", "`transom:allow-call`"),
        ] {
            let message = failure(with_permissions(json!([wrong])));
            assert!(message.contains(&format!("`{wrong}`")), "{message}");
            assert!(message.contains(near), "{message}");
            assert!(message.contains("capabilities.json"), "{message}");
        }
    }

    #[test]
    fn bad_patterns_are_refused_instead_of_panicking() {
        let glob = json!({"identifier": "main", "windows": ["edit[or"], "permissions": []});
        assert!(failure(glob).contains("`edit[or`"));
        for url in ["https://[", ":::", "https://exa{mple"] {
            let remote = json!({"identifier": "main", "windows": ["main"],
                "remote": {"urls": [url]}, "permissions": ["core:default"]});
            assert!(failure(remote).contains(url), "{url}");
        }
    }
}
