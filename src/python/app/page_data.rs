//! Explains why a window cannot be built, where the folder for the data of its pages is the reason.
//! Tauri makes that folder, and its error does not name it.

use std::{fs, path::PathBuf};

use tauri::{AppHandle, Manager as _, Wry, path::BaseDirectory};

/// The text for an error of Tauri's that came while a window was built.
pub(crate) fn explain(app: &AppHandle<Wry>, error: &tauri::Error) -> String {
    match (problem(app), error) {
        (Some(problem), _) => problem,
        (None, tauri::Error::Io(error)) => {
            format!("the window was not built, as its `data_directory` cannot be made: {error}")
        }
        (None, error) => error.to_string(),
    }
}

/// Why the folder that windows have by default cannot be made. `None`: it is there.
pub(crate) fn problem(app: &AppHandle<Wry>) -> Option<String> {
    let folder = folder(app)?;
    let error = fs::create_dir_all(&folder).err()?;
    Some(format!(
        "the folder for the data of pages, `{}`, cannot be made: {error}; its place is that of the \
         user's local data (on Linux `XDG_DATA_HOME`), and a window may have its own, \
         `data_directory`",
        folder.display()
    ))
}

fn folder(app: &AppHandle<Wry>) -> Option<PathBuf> {
    let identifier = &app.config().identifier;
    app.path()
        .resolve(identifier, BaseDirectory::LocalData)
        .ok()
}
