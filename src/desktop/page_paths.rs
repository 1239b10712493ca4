//! Replaces Tauri's plugin `path` in apps whose resources are not beside the program.
//!
//! Tauri looks for the app's files beside the program, and that cannot be changed. In an app that
//! Python has read from a folder the program is the interpreter. So this takes the place of Tauri's
//! plugin `path`, and differs in the folder of the resources.

use std::{
    env,
    path::{Component, MAIN_SEPARATOR_STR, Path, PathBuf},
};

use tauri::{
    AppHandle, Manager as _, Runtime, State,
    path::BaseDirectory,
    plugin::{Builder, TauriPlugin},
};

/// The folder of the app.
pub(super) struct Resources(pub(super) PathBuf);

/// Answers pages of this app by `resources`.
pub(crate) fn answer<R: Runtime>(app: &AppHandle<R>, resources: PathBuf) -> tauri::Result<()> {
    app.remove_plugin("path");
    app.plugin(plugin(resources))
}

fn plugin<R: Runtime>(resources: PathBuf) -> TauriPlugin<R> {
    let delimiter = if cfg!(windows) { ";" } else { ":" };
    let value = serde_json::json!({"sep": MAIN_SEPARATOR_STR, "delimiter": delimiter});
    let script = format!(
        "Object.defineProperty(window.__TAURI_INTERNALS__.plugins, \"path\", {{value: {value}}})"
    );
    Builder::new("path")
        .invoke_handler(tauri::generate_handler![
            resolve_directory,
            resolve,
            normalize,
            join,
            dirname,
            extname,
            basename,
            is_absolute
        ])
        .js_init_script(script)
        .setup(|app, _| {
            app.manage(Resources(resources));
            Ok(())
        })
        .build()
}

/// A path as pages write it.
fn text(path: impl AsRef<Path>) -> String {
    dunce::simplified(path.as_ref())
        .to_string_lossy()
        .into_owned()
}

/// A path relative to the folder of the app, of which it does not lead out.
pub(super) fn in_folder(folder: &Path, path: &Path) -> String {
    let mut file = folder.to_path_buf();
    let inside = normal(path);
    let inside = inside.components();
    file.extend(inside.filter(|part| matches!(part, Component::Normal(_))));
    text(file)
}

/// The path without `.`, and without `..` where something stands before it.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

#[tauri::command]
fn resolve_directory<R: Runtime>(
    app: AppHandle<R>,
    resources: State<'_, Resources>,
    directory: BaseDirectory,
    path: Option<PathBuf>,
) -> Result<String, String> {
    let path = path.unwrap_or_default();
    if matches!(directory, BaseDirectory::Resource) {
        return Ok(in_folder(&resources.0, &path));
    }
    let path = app.path().resolve(path, directory);
    // By its parts, because it ends with a slash where nothing was joined.
    let path = path.map(|path| text(path.components().collect::<PathBuf>()));
    path.map_err(|err| err.to_string())
}

#[tauri::command]
fn resolve(paths: Vec<PathBuf>) -> Result<String, String> {
    let here =
        env::current_dir().map_err(|err| format!("the current directory cannot be read: {err}"))?;
    let path = paths.iter().fold(here, |path, it| path.join(it));
    Ok(text(normal(&path)))
}

/// As Node has it: a slash at the end stays, and what is empty is the current folder.
#[tauri::command]
fn normalize(path: String) -> String {
    let mut normal = text(normal(Path::new(&path)));
    if normal.is_empty() {
        return if path == ".." { path } else { ".".into() };
    }
    if path.ends_with(['/', '\\']) && !normal.ends_with(['/', '\\']) {
        normal.push_str(MAIN_SEPARATOR_STR);
    }
    normal
}

/// As Node has it: an absolute path in the middle counts as one that is not.
#[tauri::command]
fn join(paths: Vec<String>) -> String {
    let parts: Vec<_> = paths.iter().filter(|it| !it.is_empty()).collect();
    let joined: Vec<_> = parts.iter().map(|it| it.as_str()).collect();
    let normal = text(normal(Path::new(&joined.join(MAIN_SEPARATOR_STR))));
    if normal.is_empty() {
        ".".into()
    } else {
        normal
    }
}

#[tauri::command]
fn dirname(path: PathBuf) -> Result<String, String> {
    let parent = path.parent().ok_or("path does not have a parent")?;
    Ok(text(parent))
}

#[tauri::command]
fn extname(path: PathBuf) -> Result<String, String> {
    let extension = path.extension().ok_or("path does not have an extension")?;
    Ok(text(extension))
}

#[tauri::command]
fn basename(path: PathBuf, ext: Option<String>) -> Result<String, String> {
    let name = path.file_name().ok_or("path does not have a basename")?;
    let name = text(name);
    let stem = ext.and_then(|ext| name.strip_suffix(&ext).map(str::to_owned));
    Ok(stem.unwrap_or(name))
}

#[tauri::command]
fn is_absolute(path: PathBuf) -> bool {
    path.is_absolute()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_normalized_as_node_does() {
        let joined = |paths: &[&str]| join(paths.iter().map(|it| (*it).to_owned()).collect());
        for (paths, expected) in [
            (&["", ""][..], "."),
            (&["a", "", "/b", "c/"], "a/b/c"),
            (&["/a/", "../b", "."], "/b"),
        ] {
            assert_eq!(joined(paths), expected);
        }
        for (path, expected) in [
            ("..", ".."),
            (".", "."),
            ("a/./b/../c/", "a/c/"),
            ("/", "/"),
        ] {
            assert_eq!(normalize(path.to_owned()), expected);
        }
    }

    #[test]
    fn the_parts_of_a_path_are_named() {
        let path = || PathBuf::from("/a/file.tar.gz");
        assert_eq!(dirname(path()).as_deref(), Ok("/a"));
        assert_eq!(extname(path()).as_deref(), Ok("gz"));
        assert_eq!(basename(path(), None).as_deref(), Ok("file.tar.gz"));
        assert_eq!(
            basename(path(), Some(".gz".into())).as_deref(),
            Ok("file.tar")
        );
        assert!(basename("/".into(), None).is_err());
        assert!(is_absolute(path()));
    }
}
