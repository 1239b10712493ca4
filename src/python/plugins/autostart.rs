//! Makes the plugin `autostart`, which has the system start the app when its user logs in.
//!
//! Upstream registers the program of the process. Where that is a Python interpreter, this
//! registers the command that starts the app, under the same commands for pages.

use std::fs;

use auto_launch::{AutoLaunch, AutoLaunchBuilder};
use pyo3::{exceptions::PyValueError, prelude::*};
use tauri::{AppHandle, Manager as _, State, Wry, plugin::TauriPlugin};

use super::{guarded::Guarded, plugin::Plugin};
use crate::python::app::program::{command, desktop_entry::written};

/// What is registered with the system.
struct AutostartEntry(AutoLaunch);

#[tauri::command]
async fn enable(app: AppHandle, entry: State<'_, AutostartEntry>) -> Result<(), String> {
    if cfg!(target_os = "linux") {
        // The library makes the last folder only.
        let home = app.path().home_dir().map_err(|err| err.to_string())?;
        fs::create_dir_all(home.join(".config")).map_err(|err| err.to_string())?;
    }
    entry.0.enable().map_err(|err| err.to_string())
}

#[tauri::command]
async fn disable(entry: State<'_, AutostartEntry>) -> Result<(), String> {
    entry.0.disable().map_err(|err| err.to_string())
}

#[tauri::command]
async fn is_enabled(entry: State<'_, AutostartEntry>) -> Result<bool, String> {
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
            app.manage(AutostartEntry(
                builder.build().map_err(|err| err.to_string())?,
            ));
            Ok(())
        })
        .build()
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
    let plugin = match command::start_command(py)? {
        Some(mut words) => {
            words.extend(args);
            Guarded::new(of_command(words))
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
