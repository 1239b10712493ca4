//! Defines the Python class `Plugin`, which is registered once.

use std::{
    fmt,
    sync::{Mutex, PoisonError, mpsc},
};

use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError, PyValueError},
    prelude::*,
};
use tauri::Wry;

#[cfg(feature = "_plugin")]
use super::guarded::Guarded;
use crate::python::{convert::errors::runtime_error, gil, own::Own};

type Boxed = Box<dyn tauri::plugin::Plugin<Wry>>;

/// The plugins of Transom itself, without which no window works.
const OWN: [&str; 2] = ["transom", "transom-windows"];

/// The plugin that runs a script of `transom dev` in each page.
const DEV: &str = "transom-dev";

/// A Tauri plugin. `Builder.build(plugins=[…])` or `AppHandle.plugin` registers it, once.
#[pyclass(frozen, module = "transom.plugin")]
pub(crate) struct Plugin {
    name: &'static str,
    held: Own<Mutex<Option<Boxed>>>,
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name).finish()
    }
}

impl Plugin {
    #[cfg(feature = "_plugin")]
    pub(super) fn new(plugin: Guarded) -> Self {
        let plugin: Boxed = Box::new(plugin);
        Self {
            name: plugin.name(),
            held: Own::new(Mutex::new(Some(plugin))),
        }
    }

    /// Gives the plugin away. `RuntimeError` the second time.
    pub(crate) fn take(&self) -> PyResult<Boxed> {
        let mut held = self
            .held
            .get()?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        held.take()
            .ok_or_else(|| PyRuntimeError::new_err("Already consumed"))
    }
}

#[pymethods]
impl Plugin {
    fn __repr__(&self) -> String {
        format!("<Plugin {:?}>", self.name)
    }
}

/// Registers `plugin` with an app that was built. Plugins start on the UI thread, as in
/// `Builder.build`: elsewhere Tauri would hold a lock that the UI thread needs for what they ask.
pub(crate) fn add(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    plugin: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let plugin = plugin.cast::<Plugin>().map_err(|_| {
        PyTypeError::new_err(format!(
            "expected a plugin, got {plugin:?}: pass what `init()` of a module of \
             `transom.plugins` returns"
        ))
    })?;
    let plugin = plugin.get().take()?;
    let (done, result) = mpsc::sync_channel(1);
    let (app, adding) = (app.clone(), app.clone());
    gil::detach(py, move || {
        let add = move || {
            let added = adding.plugin_boxed(plugin);
            // It cannot fail: there is room, and the other end waits.
            let _ = done.send(added.map_err(|err| err.to_string()));
        };
        app.run_on_main_thread(add).map_err(|err| err.to_string())?;
        let ended = |_| Err("the app has ended".to_owned());
        result.recv().unwrap_or_else(ended)
    })
    .map_err(runtime_error)
}

/// Removes the plugin `name`. False: there is none.
pub(crate) fn remove(py: Python<'_>, app: &tauri::AppHandle<Wry>, name: &str) -> PyResult<bool> {
    if OWN.contains(&name) {
        let text = format!("the plugin {name:?} cannot be removed: it is Transom itself");
        return Err(PyValueError::new_err(text));
    }
    Ok(gil::detach(py, || app.remove_plugin(name)))
}

/// Makes a plugin that runs `script` in each document before the page's own scripts.
#[pyfunction]
#[pyo3(signature = (script, /))]
fn make_page_script(script: String) -> Plugin {
    let plugin = tauri::plugin::Builder::<Wry>::new(DEV)
        .js_init_script(script)
        .build();
    Plugin {
        name: DEV,
        held: Own::new(Mutex::new(Some(Box::new(plugin)))),
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(make_page_script, module)?)?;
    module.add_class::<Plugin>()
}
