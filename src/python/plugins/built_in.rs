//! Says which plugins this build has, and makes those that only register.

use pyo3::{exceptions::PyValueError, prelude::*, types::PyFrozenSet};

#[cfg(feature = "_plugin")]
use super::guarded::Guarded;
use super::plugin::Plugin;

/// The plugins of this build, by the names of their Python modules.
const BUILT_IN: &[&str] = &[
    #[cfg(feature = "plugin-autostart")]
    "autostart",
    #[cfg(feature = "plugin-clipboard-manager")]
    "clipboard_manager",
    #[cfg(feature = "plugin-deep-link")]
    "deep_link",
    #[cfg(feature = "plugin-dialog")]
    "dialog",
    #[cfg(feature = "plugin-fs")]
    "fs",
    #[cfg(feature = "plugin-global-shortcut")]
    "global_shortcut",
    #[cfg(feature = "plugin-http")]
    "http",
    #[cfg(feature = "plugin-log")]
    "log",
    #[cfg(feature = "plugin-notification")]
    "notification",
    #[cfg(feature = "plugin-opener")]
    "opener",
    #[cfg(feature = "plugin-os")]
    "os",
    #[cfg(feature = "plugin-persisted-scope")]
    "persisted_scope",
    #[cfg(feature = "plugin-positioner")]
    "positioner",
    #[cfg(feature = "plugin-process")]
    "process",
    #[cfg(feature = "plugin-shell")]
    "shell",
    #[cfg(feature = "plugin-single-instance")]
    "single_instance",
    #[cfg(feature = "plugin-store")]
    "store",
    #[cfg(feature = "plugin-updater")]
    "updater",
    #[cfg(feature = "plugin-upload")]
    "upload",
    #[cfg(feature = "plugin-websocket")]
    "websocket",
    #[cfg(feature = "plugin-window-state")]
    "window_state",
];

/// Makes a plugin that needs nothing to be told. `None`: this build has none of that name.
#[cfg(not(feature = "_plugin"))]
fn make(_py: Python<'_>, _name: &str) -> PyResult<Option<Plugin>> {
    Ok(None)
}

/// Makes a plugin that needs nothing to be told. `None`: this build has none of that name.
#[cfg(feature = "_plugin")]
fn make(py: Python<'_>, name: &str) -> PyResult<Option<Plugin>> {
    let plugin = match name {
        #[cfg(feature = "plugin-clipboard-manager")]
        "clipboard_manager" => Guarded::new(tauri_plugin_clipboard_manager::init()),
        #[cfg(feature = "plugin-deep-link")]
        "deep_link" => super::deep_link::make(py)?,
        #[cfg(feature = "plugin-dialog")]
        "dialog" => Guarded::new(tauri_plugin_dialog::init()).refuse(super::guarded::refuse_nul),
        #[cfg(all(feature = "plugin-fs", feature = "python-main"))]
        "fs" => Guarded::new(tauri_plugin_fs::init()).take(crate::desktop::page_files::in_app),
        #[cfg(all(feature = "plugin-fs", not(feature = "python-main")))]
        "fs" => Guarded::new(tauri_plugin_fs::init()),
        #[cfg(feature = "plugin-global-shortcut")]
        "global_shortcut" => Guarded::new(tauri_plugin_global_shortcut::Builder::new().build()),
        #[cfg(feature = "plugin-http")]
        "http" => Guarded::new(tauri_plugin_http::init()),
        // What pages log goes where the rest goes: to Python's `logging`.
        #[cfg(feature = "plugin-log")]
        "log" => Guarded::new(tauri_plugin_log::Builder::new().skip_logger().build()),
        #[cfg(feature = "plugin-notification")]
        "notification" => super::notification::make(),
        #[cfg(feature = "plugin-opener")]
        "opener" => Guarded::new(tauri_plugin_opener::init()),
        #[cfg(feature = "plugin-os")]
        "os" => Guarded::new(tauri_plugin_os::init()),
        #[cfg(feature = "plugin-persisted-scope")]
        "persisted_scope" => Guarded::new(tauri_plugin_persisted_scope::init()),
        #[cfg(feature = "plugin-positioner")]
        "positioner" => super::positioner::make(),
        #[cfg(feature = "plugin-process")]
        "process" => super::process::make(),
        #[cfg(feature = "plugin-shell")]
        "shell" => Guarded::new(tauri_plugin_shell::init()),
        #[cfg(feature = "plugin-store")]
        "store" => Guarded::new(tauri_plugin_store::Builder::new().build()),
        #[cfg(feature = "plugin-updater")]
        "updater" => {
            super::updater::make(crate::python::app::program::command::is_interpreter(py)?)
        }
        #[cfg(feature = "plugin-upload")]
        "upload" => Guarded::new(tauri_plugin_upload::init()),
        #[cfg(feature = "plugin-websocket")]
        "websocket" => Guarded::new(tauri_plugin_websocket::init()),
        #[cfg(feature = "plugin-window-state")]
        "window_state" => super::window_state::make(),
        _ => return Ok(None),
    };
    Ok(Some(Plugin::new(plugin)))
}

/// Makes the plugin of the Python module `name`, which needs no arguments.
#[pyfunction]
#[pyo3(signature = (name, /))]
fn make_plugin(py: Python<'_>, name: &str) -> PyResult<Plugin> {
    make(py, name)?.ok_or_else(|| {
        PyValueError::new_err(format!("no plugin {name:?} can be made without arguments"))
    })
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let names = PyFrozenSet::new(module.py(), BUILT_IN)?;
    module.add("PLUGINS", names)?;
    module.add_function(wrap_pyfunction!(make_plugin, module)?)
}
