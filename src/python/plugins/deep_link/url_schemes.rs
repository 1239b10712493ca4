//! Registers URL schemes on Linux, for an app whose program is a Python interpreter.
//!
//! Upstream registers the program's file. This registers the command that starts the app, in a
//! desktop entry of the app's identifier, under the same commands for pages.

use std::{fs, path::PathBuf};

use gtk::{
    gio::{AppInfo, DesktopAppInfo, prelude::AppInfoExt as _},
    glib::{KeyFile, KeyFileFlags},
};
use serde::Deserialize;
use tauri::{AppHandle, Manager as _, Wry, ipc::Invoke, ipc::InvokeBody};

use crate::python::app::program::desktop_entry::written;

const GROUP: &str = "Desktop Entry";

#[derive(Deserialize)]
struct SchemeArguments {
    protocol: String,
}

/// Carries out what a page asks of the app that `command` starts. All else is left to the plugin.
/// `command` may be the text that says why there is none.
pub(super) fn take(
    command: &Result<Vec<String>, String>,
    invoke: Invoke<Wry>,
) -> Option<Invoke<Wry>> {
    let name = invoke.message.command();
    if !matches!(name, "register" | "unregister" | "is_registered") {
        return Some(invoke);
    }
    let InvokeBody::Json(body) = invoke.message.payload() else {
        return Some(invoke);
    };
    let app = invoke.message.webview_ref().app_handle();
    let done = DesktopEntry::of(app, body).and_then(|entry| match name {
        "register" => entry.register(command.as_ref()?).map(|()| None),
        "unregister" => entry.unregister().map(|()| None),
        _ => Ok(Some(entry.is_registered())),
    });
    match done {
        Ok(Some(is_registered)) => invoke.resolver.resolve(is_registered),
        Ok(None) => invoke.resolver.resolve(()),
        Err(why) => invoke.resolver.reject(why),
    }
    None
}

/// The desktop entry of an app, as far as it is about one scheme.
struct DesktopEntry {
    title: String,
    identifier: String,
    folder: PathBuf,
    kind: String,
}

impl DesktopEntry {
    fn of(app: &AppHandle<Wry>, body: &serde_json::Value) -> Result<Self, String> {
        let SchemeArguments { protocol } =
            SchemeArguments::deserialize(body).map_err(|error| error.to_string())?;
        // Whatever else may be in it would get into a file of lines and lists.
        let fits = |it: u8| it.is_ascii_alphanumeric() || b"+-.".contains(&it);
        if !protocol.starts_with(|it: char| it.is_ascii_alphabetic()) || !protocol.bytes().all(fits)
        {
            return Err(format!("{protocol:?} is no URL scheme, such as \"my-app\""));
        }
        let config = app.config();
        let data = app.path().data_dir().map_err(|error| error.to_string())?;
        Ok(Self {
            title: config
                .product_name
                .as_ref()
                .unwrap_or(&config.identifier)
                .clone(),
            identifier: config.identifier.clone(),
            folder: data.join("applications"),
            kind: format!("x-scheme-handler/{}", protocol.to_ascii_lowercase()),
        })
    }

    fn file_name(&self) -> String {
        format!("{}-handler.desktop", self.identifier)
    }

    fn file(&self) -> PathBuf {
        self.folder.join(self.file_name())
    }

    /// What is in the file. Nothing, if there is none.
    fn read(&self) -> KeyFile {
        let entry = KeyFile::new();
        if let Err(error) = entry.load_from_file(self.file(), KeyFileFlags::NONE) {
            log::debug!("a new desktop entry is made: {error}");
        }
        entry
    }

    /// The kinds of what the app opens, without that of this scheme.
    fn other_kinds(&self, entry: &KeyFile) -> Vec<String> {
        let kinds = entry.value(GROUP, "MimeType").unwrap_or_default();
        let kinds = kinds
            .split(';')
            .filter(|it| !it.is_empty() && *it != self.kind);
        kinds.map(str::to_owned).collect()
    }

    fn register(&self, command: &[String]) -> Result<(), String> {
        fs::create_dir_all(&self.folder).map_err(|error| error.to_string())?;
        let entry = self.read();
        let mut kinds = self.other_kinds(&entry);
        kinds.push(self.kind.clone());
        let words: Vec<_> = command.iter().map(|word| written(word)).collect();
        entry.set_value(GROUP, "Type", "Application");
        entry.set_string(GROUP, "Name", &self.title);
        entry.set_value(GROUP, "Exec", &format!("{} %u", words.join(" ")));
        entry.set_value(GROUP, "Terminal", "false");
        entry.set_value(GROUP, "NoDisplay", "true");
        // The name of the app's windows.
        entry.set_string(GROUP, "StartupWMClass", &self.identifier);
        entry.set_value(GROUP, "MimeType", &format!("{};", kinds.join(";")));
        let file = self.file();
        entry
            .save_to_file(&file)
            .map_err(|error| error.to_string())?;
        let app = DesktopAppInfo::from_filename(&file)
            .ok_or_else(|| format!("{} cannot start the app", file.display()))?;
        app.set_as_default_for_type(&self.kind)
            .map_err(|error| error.to_string())
    }

    fn unregister(&self) -> Result<(), String> {
        let file = self.file();
        let Some(app) = DesktopAppInfo::from_filename(&file) else {
            return Ok(());
        };
        let entry = self.read();
        let kinds = self.other_kinds(&entry);
        app.remove_supports_type(&self.kind)
            .map_err(|error| error.to_string())?;
        if kinds.is_empty() {
            return fs::remove_file(file).map_err(|error| error.to_string());
        }
        entry.set_value(GROUP, "MimeType", &format!("{};", kinds.join(";")));
        entry.save_to_file(file).map_err(|error| error.to_string())
    }

    fn is_registered(&self) -> bool {
        // GIO hears of changes to the file some time later.
        let kinds = self.read().value(GROUP, "MimeType").unwrap_or_default();
        if !kinds.split(';').any(|it| it == self.kind) {
            return false;
        }
        let app = AppInfo::default_for_type(&self.kind, false);
        let id = app.and_then(|app| app.id());
        id.is_some_and(|id| *id == *self.file_name())
    }
}
