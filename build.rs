//! Publishes the plugin's permissions, and embeds files that the wheel needs at run time.
//!
//! The permissions are for the apps that depend on this crate. The embedded files are the
//! permission manifests and page scripts, from which the wheel builds a context.

// A build script has nobody to return an error to.
#![allow(clippy::expect_used)]

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use tauri_utils::acl::{build as acl, manifest::Manifest};

const GLOBAL_SCRIPT: &str = "api-iife.js";

fn main() {
    println!("cargo:rerun-if-changed={GLOBAL_SCRIPT}");
    tauri_plugin::Builder::new(&[])
        .global_api_script_path(GLOBAL_SCRIPT)
        .build();
    bake_manifests();
    bake_page_scripts();
}

fn out_dir() -> PathBuf {
    PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"))
}

/// `acl-manifests.json`: the permissions of Tauri's core, of the plugins that are built in, and of
/// this one.
fn bake_manifests() {
    let own_dir = out_dir().join("own-permissions");
    fs::create_dir_all(&own_dir).expect("OUT_DIR is writable");
    let own = acl::define_permissions("./permissions/*.toml", "transom", &own_dir, |_| true)
        .expect("the permission files of this crate are valid");
    let mut manifests: BTreeMap<String, Manifest> = acl::read_permissions()
        .expect("the permission files of tauri are readable")
        .into_iter()
        .map(|(plugin, files)| (plugin, Manifest::new(files, None)))
        .collect();
    manifests.insert("transom".into(), Manifest::new(own, None));
    let json = serde_json::to_string(&manifests).expect("manifests are plain data");
    fs::write(out_dir().join("acl-manifests.json"), json).expect("OUT_DIR is writable");
}

/// The JavaScript APIs of the plugins that are built in. Cargo tells where the scripts are.
fn plugin_scripts() -> Vec<String> {
    let is_script = |name: &str| {
        name.starts_with("DEP_TAURI_PLUGIN_") && name.ends_with("_GLOBAL_API_SCRIPT_PATH")
    };
    let found: BTreeMap<String, String> = env::vars().filter(|(name, _)| is_script(name)).collect();
    let read = |path: &String| fs::read_to_string(path).expect("plugins ship their scripts");
    found.values().map(read).collect()
}

/// `page-scripts.js`: what `withGlobalTauri` puts on the page. Tauri's part comes first, then those
/// of the plugins that are built in.
fn bake_page_scripts() {
    println!("cargo:rerun-if-env-changed=DEP_TAURI_GLOBAL_API_SCRIPT_PATH");
    let core = env::var_os("DEP_TAURI_GLOBAL_API_SCRIPT_PATH")
        .map(|path| fs::read_to_string(path).expect("tauri ships its global script"))
        .unwrap_or_default();
    let own = fs::read_to_string(GLOBAL_SCRIPT).expect("api-iife.js is committed");
    let mut scripts = vec![core];
    scripts.extend(plugin_scripts());
    scripts.push(own);
    fs::write(out_dir().join("page-scripts.js"), scripts.join("\n;")).expect("OUT_DIR is writable");
}
