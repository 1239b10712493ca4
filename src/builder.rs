//! Builds the plugin for a Tauri app that is written in Rust and calls Python commands.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use tauri::{
    Manager as _, Runtime,
    plugin::{Builder as PluginBuilder, TauriPlugin},
};

use crate::{
    actors::Limits,
    desktop::plugin,
    host::{FAILED, Host},
    python::host::embed::{Guest, Options},
};

/// Makes the plugin that brings Python into a Tauri app.
///
/// ```no_run
/// tauri::Builder::default()
///     .plugin(transom::Builder::new().python_path("python").build());
/// ```
///
/// The app opens at once: the interpreter starts on a thread of its own, and calls that come
/// before the commands are known wait. When Python or the module fails to start, the error is
/// logged to the Python logger `transom`, every call is rejected with `unavailable` and the text
/// of the error, and the app lives on.
///
/// The environment needs the Python package `transom`; the native half of it is this crate, and
/// the one in the environment is not loaded. `PYTHONPATH` and the like count as for `python`.
///
/// Parameters `app_handle`, `webview_window` and states of commands need Tauri's own runtime,
/// `tauri::Wry`; with another one a call of such a command is rejected.
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    limits: Limits,
    options: Options,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Creates a builder whose commands are the object `commands` of the module `commands`.
    pub fn new() -> Self {
        Self {
            limits: Limits::default(),
            options: Options {
                module: "commands".into(),
                backend: "asyncio".into(),
                path: Vec::new(),
                home: None,
            },
        }
    }

    /// Sets the module to import, and the name of the `Commands` object in it:
    /// `"app.desk:registry"`. Without a colon the name is `commands`.
    pub fn module(mut self, module: impl Into<String>) -> Self {
        self.options.module = module.into();
        self
    }

    /// Sets the limits of the app.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds a folder to look for modules in, before those of the environment.
    ///
    /// A relative one is inside the app's resource folder: with `"resources": ["python/"]` in the
    /// configuration, `python` is found in development and once installed.
    pub fn python_path(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.path.push(folder.into());
        self
    }

    /// Sets the virtual environment. Without it, the one that `VIRTUAL_ENV` names is used, if any.
    ///
    /// Relative as in [`Builder::python_path`]. Its Python must be of the version that the app is
    /// linked to.
    pub fn python_home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.home = Some(folder.into());
        self
    }

    /// Sets the event loop of `async def` commands: `"asyncio"`, which is the default, or `"trio"`.
    pub fn backend(mut self, backend: impl Into<String>) -> Self {
        self.options.backend = backend.into();
        self
    }

    /// The plugin. One app in a process can have it.
    ///
    /// It drains when the app exits: what runs is cancelled and waited for, 7 s at most. When an
    /// executor or the supervisor fails more than 3 times within a minute, it asks the app to exit
    /// with the code 70. Building the app fails when the system gives no threads.
    pub fn build<R: Runtime>(self) -> TauriPlugin<R> {
        let host = match Host::start(self.limits) {
            Ok(host) => host,
            Err(error) => {
                return PluginBuilder::new(plugin::NAME)
                    .setup(|_, _| Err(error.into()))
                    .build();
            }
        };
        host.system.await_commands();
        let guest = Arc::new(OnceLock::<Guest>::new());
        let leaving = Arc::clone(&guest);
        let at_exit = move || {
            if let Some(guest) = leaving.get() {
                guest.end();
            }
        };
        let mut options = self.options;
        plugin::plugin(&host, at_exit)
            .setup(move |app, _| {
                host.bridge.mark_ui_thread();
                let exiting = app.clone();
                host.system.on_failure(move |_| exiting.exit(FAILED));
                // Joining to a relative base leaves absolute paths as they are.
                if let Ok(resources) = app.path().resource_dir() {
                    options.rebase(&resources);
                }
                let started = Guest::start(host, app, options)?;
                guest.get_or_init(|| started);
                Ok(())
            })
            .build()
    }
}
