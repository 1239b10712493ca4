//! The program: an interpreter that runs the Python package `hello_app`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::{convert::Infallible, env, error::Error, process};

use hello_app_lib::{context, ext_mod};
use tauri::utils::platform::resource_dir;
use transom::standalone::{PythonInterpreterBuilder, PythonInterpreterEnv, PythonScript};

fn main() -> Result<Infallible, Box<dyn Error>> {
    // In development, the environment that is active; else the Python in the app's resources.
    let active = env::var_os("VIRTUAL_ENV").filter(|it| cfg!(dev) && !it.is_empty());
    let environment = match active {
        Some(folder) => PythonInterpreterEnv::Venv(folder.into()),
        None => {
            let resources = resource_dir(context().package_info(), &tauri::Env::default())?;
            PythonInterpreterEnv::Standalone(resources)
        }
    };
    let script = PythonScript::Module("hello_app".into());
    let interpreter =
        PythonInterpreterBuilder::new(environment, script, |py| pyo3::wrap_pymodule!(ext_mod)(py));
    process::exit(interpreter.build()?.run())
}
