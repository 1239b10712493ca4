//! Makes the plugin `single_instance`, which tells the first instance of an app of the next.

use pyo3::prelude::*;
use tauri::Wry;

use super::{guarded::Guarded, plugin::Plugin};
use crate::python::{
    app::{app_handle::AppHandle, program::command},
    callbacks::callback::Callback,
};

/// Makes the plugin. `callback(app_handle, argv, cwd)` is called in the first instance, for every
/// further one.
#[pyfunction]
#[pyo3(signature = (callback, /))]
fn make_single_instance(callback: Option<&Bound<'_, PyAny>>) -> PyResult<Plugin> {
    let callback = callback.map(Callback::new).transpose()?;
    let told = move |app: &tauri::AppHandle<Wry>, argv: Vec<String>, cwd: String| {
        if let Some(callback) = &callback {
            let app = app.clone();
            callback.post(
                None,
                move |py| {
                    let argv = command::arguments(py, argv)?;
                    (AppHandle::of(py, &app)?, argv, cwd).into_pyobject(py)
                },
                None,
            );
        }
    };
    Ok(Plugin::new(Guarded::new(
        tauri_plugin_single_instance::init(told),
    )))
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(make_single_instance, module)?)
}
