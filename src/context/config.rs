//! Loads the Tauri configuration: merges base file, platform file and patch, and checks the result.

use std::{collections::HashSet, fs, path::Path};

use serde_json::{Map, Value};
use tauri::{
    Config,
    utils::{
        config::{PatternKind, parse},
        platform::Target,
    },
};

use super::error::Error;
use crate::desktop::window_values;

const BASE_FILE: &str = "tauri.conf.json";

/// Reads the configuration of `dir` for `target` and merges `patch` over it.
pub(super) fn load(dir: &Path, patch: Option<&Value>, target: Target) -> Result<Config, Error> {
    let mut merged = read_base(dir, patch, target)?;
    if let Some((platform, _)) = parse::read_platform(target, dir).map_err(unreadable)? {
        json_patch::merge(&mut merged, &platform);
    }
    if let Some(patch) = patch {
        json_patch::merge(&mut merged, patch);
    }
    resolve_version(dir, &mut merged)?;
    window_values::check_colors(&merged["app"]["windows"])
        .map_err(|why| Error::ReadConfig(format!("a window of `app.windows`: {why}")))?;
    let config: Config = serde_path_to_error::deserialize(merged)
        .map_err(|err| Error::MergeConfig(format!("at `{}`: {}", err.path(), err.inner())))?;
    check(&config)?;
    Ok(config)
}

/// Reads the base file. Without one, a patch that names the app is taken as the base.
fn read_base(dir: &Path, patch: Option<&Value>, target: Target) -> Result<Value, Error> {
    let file = dir.join(BASE_FILE);
    if parse::does_supported_file_name_exist(target, &file) {
        let (value, path) = parse::parse_value(target, file).map_err(unreadable)?;
        return match value {
            Value::Object(_) => Ok(value),
            _ => Err(Error::ReadConfig(format!(
                "{} does not hold an object",
                path.display()
            ))),
        };
    }
    if patch.is_some_and(|patch| patch["identifier"].is_string()) {
        return Ok(Value::Object(Map::new()));
    }
    if dir.is_file() {
        return Err(Error::ReadConfig(format!(
            "{} is a file: pass the folder that it is in",
            dir.display()
        )));
    }
    Err(Error::ReadConfig(format!(
        "there is no `tauri.conf.json`, `tauri.conf.json5` or `Tauri.toml` in {}. Add one, or pass a `tauri_config` that has at least an `identifier`",
        dir.display()
    )))
}

fn unreadable(err: parse::ConfigError) -> Error {
    Error::ReadConfig(err.to_string())
}

/// Replaces a `version` that is the path of a package.json by the version in that file.
///
/// Tauri resolves such a path against the working directory, which can be anywhere at run time.
fn resolve_version(dir: &Path, config: &mut Value) -> Result<(), Error> {
    let Some(Value::String(version)) = config.get_mut("version") else {
        return Ok(());
    };
    if semver::Version::parse(version).is_ok() {
        return Ok(());
    }
    let found = fs::read(dir.join(&*version))
        .ok()
        .and_then(|json| serde_json::from_slice::<Value>(&json).ok())
        .and_then(|package| package["version"].as_str().map(str::to_owned))
        .filter(|found| semver::Version::parse(found).is_ok());
    match found {
        Some(found) => *version = found,
        None => return Err(Error::Version(version.clone())),
    }
    Ok(())
}

/// Refuses what Tauri would accept here and fail on later.
fn check(config: &Config) -> Result<(), Error> {
    if config.identifier.is_empty() || config.identifier.contains(['/', '\\', '\0']) {
        return Err(Error::ReadConfig(format!(
            "`identifier` is `{}`; it names folders of the app's data, so it must be a name such as `com.example.app`",
            config.identifier
        )));
    }
    if !matches!(config.app.security.pattern, PatternKind::Brownfield) {
        return Err(Error::Isolation);
    }
    for window in &config.app.windows {
        window_values::check(window).map_err(|why| {
            let label = &window.label;
            Error::ReadConfig(format!("the window `{label}` of `app.windows`: {why}"))
        })?;
    }
    let mut labels = HashSet::new();
    match config
        .app
        .windows
        .iter()
        .find(|window| !labels.insert(&window.label))
    {
        Some(window) => Err(Error::DuplicateWindow(window.label.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::tests::Folder;
    use serde_json::json;

    fn load_here(folder: &Folder, patch: Option<Value>) -> Result<Config, Error> {
        load(folder.path(), patch.as_ref(), Target::Linux)
    }

    fn failure(folder: &Folder, patch: Option<Value>) -> String {
        load_here(folder, patch).unwrap_err().to_string()
    }

    #[test]
    fn every_format_is_read() {
        for (name, text) in [
            (
                "tauri.conf.json",
                r#"{"identifier": "a.b", "productName": "P"}"#,
            ),
            (
                "tauri.conf.json",
                "{/* why */ \"identifier\": \"a.b\", \"productName\": \"P\"}",
            ),
            ("tauri.conf.json5", "{identifier: 'a.b', productName: 'P',}"),
            ("Tauri.toml", "identifier = \"a.b\"\nproduct-name = \"P\""),
        ] {
            let folder = Folder::with(&[(name, text)]);
            let config = load_here(&folder, None).unwrap();
            assert_eq!(config.product_name.as_deref(), Some("P"), "{name}");
        }
    }

    #[test]
    fn the_platform_file_and_then_the_patch_are_merged_over_the_base() {
        let folder = Folder::with(&[
            (
                "tauri.conf.json",
                r#"{"identifier": "a.b", "productName": "base", "version": "1.0.0",
                    "app": {"windows": [{"label": "one"}, {"label": "two"}]}}"#,
            ),
            (
                "tauri.linux.conf.json",
                r#"{"productName": "linux", "version": "2.0.0"}"#,
            ),
            ("tauri.windows.conf.json", r#"{"productName": "windows"}"#),
        ]);
        let patch = json!({"version": "3.0.0", "app": {"windows": [{"label": "three"}]}});
        let config = load_here(&folder, Some(patch)).unwrap();
        assert_eq!(config.product_name.as_deref(), Some("linux"));
        assert_eq!(config.version.as_deref(), Some("3.0.0"));
        let labels: Vec<_> = config.app.windows.iter().map(|w| &w.label).collect();
        assert_eq!(labels, ["three"], "arrays are replaced, not joined");
    }

    #[test]
    fn null_in_the_patch_removes_a_key() {
        let folder = Folder::with(&[(
            "tauri.conf.json",
            r#"{"identifier": "a.b", "productName": "gone"}"#,
        )]);
        let config = load_here(&folder, Some(json!({"productName": null}))).unwrap();
        assert_eq!(config.product_name, None);
    }

    #[test]
    fn without_files_the_patch_must_name_the_app() {
        let folder = Folder::with(&[]);
        let message = failure(&folder, Some(json!({"productName": "x"})));
        assert!(
            message.starts_with("Failed to read tauri config: "),
            "{message}"
        );
        for name in [
            "tauri.conf.json",
            "tauri.conf.json5",
            "Tauri.toml",
            "identifier",
        ] {
            assert!(message.contains(name), "{message}");
        }
        assert!(load_here(&folder, Some(json!({"identifier": "a.b"}))).is_ok());
    }

    #[test]
    fn a_broken_file_is_named() {
        let folder = Folder::with(&[("tauri.conf.json", "{\"identifier\": ")]);
        let message = failure(&folder, None);
        assert!(
            message.starts_with("Failed to read tauri config: "),
            "{message}"
        );
        assert!(message.contains("tauri.conf.json"), "{message}");
    }

    #[test]
    fn a_wrong_value_is_named_by_its_place() {
        let folder = Folder::with(&[("tauri.conf.json", r#"{"identifier": "a.b"}"#)]);
        let message = failure(
            &folder,
            Some(json!({"app": {"windows": [{"width": "wide"}]}})),
        );
        assert!(
            message.starts_with("Failed to serialize merged tauri config: "),
            "{message}"
        );
        assert!(message.contains("app.windows[0].width"), "{message}");
    }

    #[test]
    fn a_version_may_live_in_a_package_json_beside_the_configuration() {
        let folder = Folder::with(&[
            (
                "app/tauri.conf.json",
                r#"{"identifier": "a.b", "version": "../package.json"}"#,
            ),
            ("package.json", r#"{"version": "4.5.6"}"#),
        ]);
        let config = load(&folder.path().join("app"), None, Target::Linux).unwrap();
        assert_eq!(config.version.as_deref(), Some("4.5.6"));
        let message = failure(
            &folder,
            Some(json!({"identifier": "a.b", "version": "two"})),
        );
        assert!(message.contains("`two`"), "{message}");
    }

    #[test]
    fn isolation_and_equal_labels_and_bad_identifiers_are_refused() {
        let folder = Folder::with(&[("tauri.conf.json", r#"{"identifier": "a.b"}"#)]);
        let isolation = json!({"app": {"security":
            {"pattern": {"use": "isolation", "options": {"dir": "i"}}}}});
        assert!(failure(&folder, Some(isolation)).contains("isolation"));
        let labels = json!({"app": {"windows": [{"label": "w"}, {"label": "w"}]}});
        assert!(failure(&folder, Some(labels)).contains("label `w`"));
        assert!(failure(&folder, Some(json!({"identifier": "../up"}))).contains("../up"));
    }
}
