//! Reads the capability files, and selects the capabilities that the configuration enables.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
};

use tauri::{
    Config,
    utils::{
        acl::capability::{Capability, CapabilityFile},
        config::CapabilityEntry,
    },
};

use crate::context::{error::Error, walk};

const FOLDER: &str = "capabilities";
const INLINE: &str = "`app.security.capabilities`";

/// A capability, and the place where its author finds it.
#[derive(Debug)]
pub(in crate::context) struct Sourced {
    pub(in crate::context) capability: Capability,
    /// The place, for messages: a file below the configuration's folder, or a key of the
    /// configuration.
    pub(in crate::context) origin: String,
}

/// Capabilities by identifier.
pub(in crate::context) type Capabilities = BTreeMap<String, Sourced>;

/// Reads all `.json`, `.json5` and `.toml` files below `capabilities`, if that folder exists.
pub(in crate::context) fn read(dir: &Path) -> Result<Capabilities, Error> {
    let folder = dir.join(FOLDER);
    let mut found = Capabilities::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    let files = walk::files(&folder)
        .map_err(|err| Error::ParseCapabilities(format!("`{}`: {err}", folder.display())))?;
    for file in files.iter().filter(|file| is_capability_file(file)) {
        let shown = file.strip_prefix(dir).unwrap_or(file).display();
        let parsed = CapabilityFile::load(file)
            .map_err(|err| Error::ParseCapabilities(format!("`{shown}`: {err}")))?;
        for capability in list(parsed) {
            insert(&mut found, capability, format!("`{shown}`"))?;
        }
    }
    Ok(found)
}

/// The capabilities of one file that was read already.
pub(in crate::context) fn of_file(file: CapabilityFile) -> Result<Capabilities, Error> {
    let mut found = Capabilities::new();
    for capability in list(file) {
        insert(&mut found, capability, "the test".into())?;
    }
    Ok(found)
}

/// Selects the capabilities that `app.security.capabilities` names or holds. Without such a list,
/// all of `files` are selected.
pub(in crate::context) fn select(
    config: &Config,
    mut files: Capabilities,
) -> Result<Capabilities, Error> {
    let entries = &config.app.security.capabilities;
    if entries.is_empty() {
        return Ok(files);
    }
    let mut chosen = Capabilities::new();
    for entry in entries {
        match entry {
            CapabilityEntry::Inlined(capability) => {
                insert(&mut chosen, capability.clone(), INLINE.into())?;
            }
            CapabilityEntry::Reference(wanted) if chosen.contains_key(wanted) => {
                return Err(twice(wanted, INLINE, INLINE));
            }
            CapabilityEntry::Reference(wanted) => {
                let Some(sourced) = files.remove(wanted) else {
                    return Err(not_found(wanted, &files));
                };
                chosen.insert(wanted.clone(), sourced);
            }
        }
    }
    Ok(chosen)
}

/// Whether a file is a capability file, and not a schema that Tauri's tools wrote into the folder.
fn is_capability_file(file: &Path) -> bool {
    let known = ["json", "json5", "toml"].map(Some);
    known.contains(&file.extension().and_then(|ending| ending.to_str()))
        && file
            .parent()
            .is_none_or(|folder| !folder.ends_with("schemas"))
}

fn list(file: CapabilityFile) -> Vec<Capability> {
    match file {
        CapabilityFile::Capability(one) => vec![one],
        CapabilityFile::List(list) | CapabilityFile::NamedList { capabilities: list } => list,
    }
}

fn insert(into: &mut Capabilities, capability: Capability, origin: String) -> Result<(), Error> {
    match into.entry(capability.identifier.clone()) {
        Entry::Occupied(first) => Err(twice(first.key(), &first.get().origin, &origin)),
        Entry::Vacant(free) => {
            free.insert(Sourced { capability, origin });
            Ok(())
        }
    }
}

fn twice(identifier: &str, first: &str, second: &str) -> Error {
    Error::ParseCapabilities(format!(
        "the identifier `{identifier}` is given to two capabilities, in {first} and in {second}; rename or remove one"
    ))
}

fn not_found(wanted: &str, files: &Capabilities) -> Error {
    let known: Vec<_> = files.keys().map(|name| format!("`{name}`")).collect();
    Error::CapabilityNotFound {
        wanted: wanted.into(),
        known: match known.is_empty() {
            true => "no (other) capability".into(),
            false => known.join(", "),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::tests::{Folder, config};
    use serde_json::{Value, json};

    const ONE: &str = r#"{"identifier": "one", "windows": ["*"], "permissions": []}"#;
    const TWO: &str = r#"{"identifier": "two", "windows": ["*"], "permissions": []}"#;

    fn names(capabilities: &Capabilities) -> Vec<&str> {
        capabilities.keys().map(String::as_str).collect()
    }

    fn choose(folder: &Folder, entries: Value) -> Result<Capabilities, Error> {
        let config = config(json!({"app": {"security": {"capabilities": entries}}}));
        select(&config, read(folder.path())?)
    }

    #[test]
    fn every_form_in_every_format_at_every_depth_is_read() {
        let folder = Folder::with(&[
            ("capabilities/a.json", ONE),
            ("capabilities/deep/er/b.json", &format!("[{TWO}]")),
            (
                "capabilities/c.json5",
                "{capabilities: [{identifier: 'three', windows: ['*'], permissions: [],}]}",
            ),
            (
                "capabilities/d.toml",
                "identifier = \"four\"\nwindows = [\"*\"]\npermissions = []",
            ),
            ("capabilities/schemas/desktop.json", "not a capability"),
            ("capabilities/notes.txt", "not a capability"),
        ]);
        let all = read(folder.path()).unwrap();
        assert_eq!(names(&all), ["four", "one", "three", "two"]);
        assert!(all["two"].origin.contains("b.json"));
    }

    #[test]
    fn a_folder_without_capabilities_has_none() {
        assert!(read(Folder::with(&[]).path()).unwrap().is_empty());
    }

    #[test]
    fn the_configuration_names_or_holds_those_in_force() {
        let folder = Folder::with(&[("capabilities/a.json", ONE), ("capabilities/b.json", TWO)]);
        assert_eq!(names(&choose(&folder, json!([])).unwrap()), ["one", "two"]);
        assert_eq!(names(&choose(&folder, json!(["two"])).unwrap()), ["two"]);
        let inline = json!({"identifier": "here", "windows": ["*"], "permissions": []});
        let chosen = choose(&folder, json!([inline, "one"])).unwrap();
        assert_eq!(names(&chosen), ["here", "one"]);
    }

    #[test]
    fn errors_name_the_file_and_the_capability() {
        let broken = Folder::with(&[("capabilities/bad.json", "{")]);
        let message = read(broken.path()).unwrap_err().to_string();
        assert!(
            message.starts_with("Failed to parse capabilities files: "),
            "{message}"
        );
        assert!(message.contains("bad.json"), "{message}");

        let double = Folder::with(&[("capabilities/a.json", ONE), ("capabilities/b.json", ONE)]);
        let message = read(double.path()).unwrap_err().to_string();
        assert!(
            message.contains("a.json") && message.contains("b.json"),
            "{message}"
        );

        let folder = Folder::with(&[("capabilities/a.json", ONE)]);
        let message = choose(&folder, json!(["tow"])).unwrap_err().to_string();
        assert!(
            message.starts_with("capability with identifier tow not found"),
            "{message}"
        );
        assert!(message.contains("`one`"), "{message}");
        let message = choose(&folder, json!(["one", "one"]))
            .unwrap_err()
            .to_string();
        assert!(message.contains("two capabilities"), "{message}");
    }
}
