//! Defines the Python class `Builder`, which builds an app and starts its actors.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError},
    prelude::*,
    types::PyDict,
};
#[cfg(not(feature = "wheel"))]
use tauri::utils::acl::ExecutionContext;
use tauri::{Manager as _, Wry};

use super::{
    app::{self, App, Begin, consumed},
    panics,
};
#[cfg(target_os = "linux")]
use crate::{desktop::core_guard, python::app::program::identity::AppName};
use crate::{
    desktop::{
        menus::tray_support::{self, NO_LIBRARY},
        page_paths, plugin,
        webview::private_window,
    },
    host::Host,
    python::{
        app::{
            context::Context,
            end::shutdown::{RunError, Shutdown},
            path::AppFolder,
            program::restart::RestartMethod,
        },
        callbacks::threads,
        convert::errors::runtime_error,
        host::python_host::PythonHost,
        own::{Own, check_process},
        plugins::plugin::Plugin,
        window::handlers,
    },
};

/// Whether an app was built. GTK and AppKit can be started only once in a process.
static BUILT: AtomicBool = AtomicBool::new(false);

/// Builds the app, once.
#[pyclass(frozen, name = "Builder", module = "transom._native")]
pub(crate) struct AppBuilder(Own<Mutex<Option<tauri::Builder<Wry>>>>);

impl AppBuilder {
    pub(crate) fn new(builder: tauri::Builder<Wry>) -> PyResult<Self> {
        check_process()?;
        Ok(Self(Own::new(Mutex::new(Some(builder)))))
    }

    /// Gives the builder away, once.
    fn take(&self) -> PyResult<tauri::Builder<Wry>> {
        let held = self.0.get()?;
        let builder = held.lock().unwrap_or_else(PoisonError::into_inner).take();
        builder.ok_or_else(consumed)
    }
}

#[pymethods]
impl AppBuilder {
    /// Builds the app. `host` holds its actors; `setup` is called with the `AppHandle`. Without
    /// `commands`, the pages have no plugin to call. Plugins start in the order of `plugins`.
    #[pyo3(signature = (context, host, setup=None, commands=true, plugins=Vec::new()))]
    #[allow(clippy::too_many_arguments)] // the keywords of Python, and the interpreter
    fn build(
        &self,
        py: Python<'_>,
        context: &Context,
        host: &PythonHost,
        setup: Option<Py<PyAny>>,
        commands: bool,
        plugins: Vec<Bound<'_, Plugin>>,
    ) -> PyResult<App> {
        let host = host.get()?;
        #[cfg(target_os = "linux")]
        let name = context.look(|it| AppName::take(py, it.config()))??;
        open_display()?;
        #[cfg(target_os = "linux")]
        if let Some(name) = name {
            name.give_to_windows();
        }
        let builder = self.take()?;
        let plugins: Vec<_> = plugins
            .iter()
            .map(|plugin| plugin.get().take())
            .collect::<PyResult<_>>()?;
        let folder = context.folder();
        let mut context = context.take()?;
        if context.config().app.tray_icon.is_some() && !tray_support::has_library() {
            return Err(PyRuntimeError::new_err(format!(
                "app.trayIcon: {NO_LIBRARY}"
            )));
        }
        if BUILT.swap(true, Ordering::AcqRel) {
            return Err(PyRuntimeError::new_err(
                "this process has built an app already: only one app per process is possible",
            ));
        }
        let restart = RestartMethod::of_this_process(py)?;
        let mut builder = builder.plugin(handlers::plugin());
        #[cfg(target_os = "linux")]
        {
            builder = core_guard::stand_before(builder);
        }
        let resources = folder.clone();
        if let Some(folder) = folder {
            builder = builder.manage(folder);
        }
        if commands {
            builder = builder.plugin(plugin::plugin(host, || {}).build());
            #[cfg(feature = "wheel")]
            {
                builder = builder.plugin(plugin::plugin_of_pytauri(host));
            }
            // The permissions of a crate are made with it, and it has none for that plugin. Those
            // of ours are asked for where it hands its calls on.
            #[cfg(not(feature = "wheel"))]
            {
                let command = format!("plugin:pytauri|{}", crate::ipc::PYTAURI_COMMAND);
                let authority = context.runtime_authority_mut();
                authority.__allow_command(command, ExecutionContext::Local);
                builder = builder.plugin(plugin::plugin_of_pytauri());
            }
        }
        builder = plugins
            .into_iter()
            .fold(builder, tauri::Builder::plugin_boxed);
        host.bridge.mark_ui_thread();
        let failed = RunError::default();
        let begin = Begin {
            private: private_window::take_out(context.config_mut()),
            setup,
            error: Arc::clone(&failed),
        };
        let app = panics::caught(|| builder.build(context))?.map_err(runtime_error)?;
        if let Some(AppFolder(folder)) = resources {
            page_paths::answer(app.handle(), folder).map_err(runtime_error)?;
        }
        if !tray_support::has_library() {
            refuse_trays(app.handle()).map_err(runtime_error)?;
        }
        threads::start();
        let ending = Arc::new(Shutdown::new(
            app.handle().clone(),
            Arc::clone(host),
            Arc::clone(&failed),
            restart,
        ));
        app.manage(Arc::downgrade(&ending));
        Ok(App {
            handle: app.handle().clone(),
            ending,
            app: Own::new(Some(app)),
            host: Arc::clone(host),
            begin: Some(begin),
            error: failed,
            took: None,
        })
    }
}

/// Answers pages that make tray icons with an error. Tauri would panic on the UI thread.
fn refuse_trays(app: &tauri::AppHandle<Wry>) -> tauri::Result<()> {
    app.remove_plugin("tray");
    let refusing = tauri::plugin::Builder::<Wry>::new("tray").invoke_handler(|invoke| {
        invoke.resolver.reject(NO_LIBRARY);
        true
    });
    app.plugin(refusing.build())
}

/// Starts GTK. Without a display, Tauri would panic instead.
#[cfg(target_os = "linux")]
fn open_display() -> PyResult<()> {
    if !gtk::is_initialized() {
        // GTK would take every category of the locale from the environment, and with it the
        // decimal point that C's functions read: Python has them as it wants them.
        gtk::disable_setlocale();
    }
    panics::caught(gtk::init)?.map_err(|_| {
        PyRuntimeError::new_err(
            "no display can be opened: run the app in a graphical session (`DISPLAY` or \
             `WAYLAND_DISPLAY` names it), or under `xvfb-run`",
        )
    })
}

#[cfg(not(target_os = "linux"))]
fn open_display() -> PyResult<()> {
    Ok(())
}

/// Starts the actors of an app. `limits` are those of `Limits`, by name.
#[pyfunction]
#[pyo3(signature = (**limits))]
fn start_host(limits: Option<&Bound<'_, PyDict>>) -> PyResult<PythonHost> {
    check_process()?;
    let mut chosen = crate::actors::Limits::default();
    for (name, value) in limits.into_iter().flatten() {
        let value: usize = value.extract()?;
        match name.extract::<String>()?.as_str() {
            "calls_per_window" => chosen.calls_per_window = value,
            "calls" => chosen.calls = value,
            "max_body" => chosen.max_body = value,
            "queued_bytes" => chosen.queued_bytes = value,
            "result_bytes" => chosen.result_bytes = value,
            other => return Err(PyTypeError::new_err(format!("there is no limit `{other}`"))),
        }
    }
    Ok(PythonHost::new(Host::start(chosen)?))
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    app::register(module)?;
    module.add_class::<AppBuilder>()?;
    module.add_function(wrap_pyfunction!(start_host, module)?)
}
