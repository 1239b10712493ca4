//! Tests making a context from a folder, and holds what the other tests of this module share.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::acl::capabilities::{Capabilities, Sourced};
use crate::context::*;

/// A folder of its own, gone when the test is over.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path: PathBuf = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(name)).unwrap();
    }
}

/// A configuration with `parts` and all else by default.
pub(super) fn config(parts: Value) -> tauri::Config {
    let mut whole = json!({"identifier": "com.example.test"});
    json_patch::merge(&mut whole, &parts);
    serde_json::from_value(whole).unwrap()
}

/// The capabilities of a list, as if read from one file.
pub(super) fn capabilities(list: Value) -> Capabilities {
    let list: Vec<tauri::utils::acl::capability::Capability> =
        serde_json::from_value(list).unwrap();
    let sourced = list.into_iter().map(|capability| {
        let origin = "`capabilities/capabilities.json`".to_owned();
        (
            capability.identifier.clone(),
            Sourced { capability, origin },
        )
    });
    sourced.collect()
}

const CONFIG: &str = r#"{
    "identifier": "com.example.whole", "productName": "Whole", "version": "1.2.3",
    "build": {"frontendDist": "../dist", "devUrl": "http://localhost:5173"},
    "app": {"withGlobalTauri": true, "windows": [{"label": "main"}]}
}"#;
const CAPABILITY: &str =
    r#"{"identifier": "main", "windows": ["main"], "permissions": ["transom:default"]}"#;

fn whole() -> Folder {
    Folder::with(&[
        ("app/tauri.conf.json", CONFIG),
        ("app/capabilities/main.json", CAPABILITY),
        ("dist/index.html", "hello"),
    ])
}

fn failure(folder: &Folder, patch: Value) -> String {
    let built = build(&folder.path().join("app"), Some(&patch), false);
    built.unwrap_err().to_string()
}

#[test]
fn a_whole_folder_becomes_a_context() {
    let folder = whole();
    let Built { context, warnings } = build(&folder.path().join("app"), None, false).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(context.package_info().name, "Whole");
    assert_eq!(context.package_info().version.to_string(), "1.2.3");
    let page = context.assets().get(&"index.html".into()).unwrap();
    assert_eq!(&*page, b"hello");
    assert!(
        format!("{context:?}").contains("__TAURI"),
        "the global API is there"
    );
}

#[test]
fn the_global_api_is_left_out_where_it_is_not_asked_for() {
    let folder = whole();
    let patch = json!({"app": {"withGlobalTauri": false}, "productName": null, "version": null});
    let built = build(&folder.path().join("app"), Some(&patch), false).unwrap();
    assert!(format!("{:?}", built.context).contains("plugin_global_api_scripts: None"));
    assert_eq!(
        built.context.package_info().name,
        "app",
        "the name of the folder"
    );
    assert_eq!(built.context.package_info().version.to_string(), "0.0.0");
}

#[test]
fn in_development_the_pages_come_from_the_dev_server() {
    use tauri::utils::config::FrontendDist;
    let folder = whole();
    folder.remove("dist/index.html");
    fs::remove_dir(folder.path().join("dist")).unwrap();
    let built = build(&folder.path().join("app"), None, true).unwrap();
    let expected = FrontendDist::Url("http://localhost:5173".parse().unwrap());
    assert_eq!(built.context.config().build.frontend_dist, Some(expected));
}

#[test]
fn a_url_is_a_frontend_and_a_drive_or_a_list_is_none() {
    let folder = whole();
    let url = json!({"build": {"frontendDist": "https://example.com/app"}});
    assert!(build(&folder.path().join("app"), Some(&url), false).is_ok());
    let message = failure(
        &folder,
        json!({"build": {"frontendDist": "C:/My app/dist"}}),
    );
    assert!(message.contains("relative to the folder"), "{message}");
    let message = failure(&folder, json!({"build": {"frontendDist": ["index.html"]}}));
    assert!(
        message.starts_with("frontend_dist: Files is not supported yet"),
        "{message}"
    );
}

#[test]
fn a_frontend_that_is_missing_is_warned_of_and_found_once_it_is_there() {
    let folder = whole();
    let patch = json!({"build": {"frontendDist": "../dits"}});
    let Built { context, warnings } =
        build(&folder.path().join("app"), Some(&patch), false).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains("`../dits`") && warnings[0].contains("build the frontend"),
        "{warnings:?}"
    );
    assert!(context.assets().get(&"index.html".into()).is_none());
    folder.write("dits/index.html", "late");
    let page = context.assets().get(&"index.html".into()).unwrap();
    assert_eq!(&*page, b"late");
}

#[test]
fn permissions_of_plugins_that_are_not_there_do_not_stop_an_app() {
    let folder = whole();
    let capability = r#"{"identifier": "main", "windows": ["main"],
        "permissions": ["nobody:default", "pytauri:default"]}"#;
    folder.write("app/capabilities/main.json", capability);
    let Built { warnings, .. } = build(&folder.path().join("app"), None, false).unwrap();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("`pytauri:default` as `transom:default`"));
    assert!(warnings[1].contains("`nobody:default` in `capabilities/main.json`"));
}

#[test]
fn a_relative_path_is_refused() {
    let message = build(Path::new("app"), None, false)
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("`src_tauri_dir` must be an absolute path."),
        "{message}"
    );
}
