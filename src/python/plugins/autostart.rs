//! Makes the plugin `autostart`, which has the system start the app when its user logs in.
//!
//! Upstream registers the program of the process. Where that is a Python interpreter, this
//! registers the command that starts the app, under the same commands for pages.

use std::fs;

use auto_launch::{AutoLaunch, AutoLaunchBuilder};
use pyo3::{exceptions::PyValueError, prelude::*};
use tauri::{AppHandle, Manager as _, State, Wry, plugin::TauriPlugin};

use super::{guarded::Guarded, plugin::Plugin, program};

/// What is registered with the system.
struct Entry(AutoLaunch);

#[tauri::command]
async fn enable(app: AppHandle, entry: State<'_, Entry>) -> Result<(), String> {
    if cfg!(target_os = "linux") {
        // The library makes the last folder only.
        let home = app.path().home_dir().map_err(|err| err.to_string())?;
        fs::create_dir_all(home.join(".config")).map_err(|err| err.to_string())?;
    }
    entry.0.enable().map_err(|err| err.to_string())
}

#[tauri::command]
async fn disable(entry: State<'_, Entry>) -> Result<(), String> {
    entry.0.disable().map_err(|err| err.to_string())
}

#[tauri::command]
async fn is_enabled(entry: State<'_, Entry>) -> Result<bool, String> {
    entry.0.is_enabled().map_err(|err| err.to_string())
}

/// The plugin for an app that `command` starts.
fn of_command(command: Vec<String>) -> TauriPlugin<Wry> {
    tauri::plugin::Builder::new("autostart")
        .invoke_handler(tauri::generate_handler![enable, disable, is_enabled])
        .setup(move |app, _| {
            let words: Vec<_> = command.iter().map(|word| written(word)).collect();
            let (program, args) = words.split_first().ok_or("the command is empty")?;
            let mut builder = AutoLaunchBuilder::new();
            builder
                .set_app_name(&app.package_info().name)
                .set_app_path(program)
                // An entry of the other kind has no arguments.
                .set_use_launch_agent(true)
                .set_args(args);
            app.manage(Entry(builder.build().map_err(|err| err.to_string())?));
            Ok(())
        })
        .build()
}

/// Writes a word of a command as the `Exec` key of a desktop entry has it.
#[cfg(not(any(windows, target_os = "macos")))]
fn written(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./=:,+@".contains(it);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    for letter in word.chars() {
        match letter {
            // Escaped for the key, and then for a text of the file.
            '"' | '`' | '$' => quoted += "\\\\",
            '\\' => quoted += "\\\\\\",
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

/// Writes a word of a command as programs of Windows read it.
#[cfg(windows)]
fn written(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '"']) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    let mut slashes = 0;
    for letter in word.chars() {
        match letter {
            '\\' => slashes += 1,
            '"' => {
                quoted.extend(std::iter::repeat_n('\\', slashes + 1));
                slashes = 0;
            }
            _ => slashes = 0,
        }
        quoted.push(letter);
    }
    quoted.extend(std::iter::repeat_n('\\', slashes));
    quoted.push('"');
    quoted
}

/// Words are items of a list there.
#[cfg(target_os = "macos")]
fn written(word: &str) -> String {
    word.to_owned()
}

/// Makes the plugin. `args` are passed to the app when the system starts it.
#[pyfunction]
#[pyo3(signature = (apple_script, args, /))]
fn make_autostart(py: Python<'_>, apple_script: bool, args: Vec<String>) -> PyResult<Plugin> {
    if let Some(arg) = args.iter().find(|arg| arg.contains(['\0', '\n', '\r'])) {
        return Err(PyValueError::new_err(format!(
            "an argument has a NUL character or a line break: {arg:?}"
        )));
    }
    let plugin = match program::start_command(py)? {
        Some(mut command) => {
            command.extend(args);
            Guarded::new(of_command(command))
        }
        None => Guarded::new(of_program(apple_script, args)),
    };
    Ok(Plugin::new(plugin))
}

/// The plugin for an app that is a program of its own.
fn of_program(apple_script: bool, args: Vec<String>) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_autostart::Builder::new().args(args);
    #[cfg(target_os = "macos")]
    let builder = builder.macos_launcher(if apple_script {
        tauri_plugin_autostart::MacosLauncher::AppleScript
    } else {
        tauri_plugin_autostart::MacosLauncher::LaunchAgent
    });
    let _ = apple_script;
    builder.build()
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(make_autostart, module)?)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::written;

    #[test]
    fn words_are_quoted_as_desktop_entries_have_them() {
        for (word, expected) in [
            ("/usr/bin/python3", "/usr/bin/python3"),
            ("", "\"\""),
            ("my app.py", "\"my app.py\""),
            ("100%", "\"100%%\""),
            ("a\"b", r#""a\\"b""#),
            ("$x", r#""\\$x""#),
            (r"c\d", r#""c\\\\d""#),
        ] {
            assert_eq!(written(word), expected, "{word:?}");
        }
    }
}
