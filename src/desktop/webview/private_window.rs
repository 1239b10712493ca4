//! Gives each private window a context of its own. Tauri keeps the protocols that it has registered
//! by folder of data, and WebKit's context of a private window is another one than that of the
//! folder: in a shared folder, one of the two windows would have no protocol to load its pages by.

use std::path::PathBuf;

#[cfg(feature = "python-main")]
use tauri::Config;
use tauri::{AppHandle, Manager as _, WebviewWindowBuilder, Wry, utils::config::WindowConfig};

/// The name of the folder. It stays empty.
const FOLDER: &str = "private";

/// Takes the windows that need a folder of their own from those that Tauri makes: of what the
/// configuration can say, it does not read the folder.
#[cfg(feature = "python-main")]
pub(crate) fn take_out(config: &mut Config) -> Vec<WindowConfig> {
    let windows = config.app.windows.iter_mut();
    let of_ours = |it: &&mut WindowConfig| cfg!(target_os = "linux") && it.incognito && it.create;
    windows
        .filter(of_ours)
        .map(|window| {
            window.create = false;
            window.clone()
        })
        .collect()
}

/// The builder of a window of the configuration.
pub(crate) fn builder<'a>(
    app: &'a AppHandle<Wry>,
    config: &WindowConfig,
) -> tauri::Result<WebviewWindowBuilder<'a, Wry, AppHandle<Wry>>> {
    let builder = WebviewWindowBuilder::from_config(app, config)?;
    Ok(
        match folder(app, &config.label).filter(|_| config.incognito) {
            Some(folder) => builder.data_directory(folder),
            None => builder,
        },
    )
}

/// The folder of a private window. `None`: it needs none of its own.
pub(crate) fn folder(app: &AppHandle<Wry>, label: &str) -> Option<PathBuf> {
    let data = app.path().app_local_data_dir().ok()?;
    cfg!(target_os = "linux").then(|| data.join(label).join(FOLDER))
}
