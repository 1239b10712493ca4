//! Defines the Python classes `Builder` and `App`, which build and run an app.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    time::Duration,
};

use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError},
    prelude::*,
    types::PyDict,
};
use send_wrapper::SendWrapper;
use tauri::{Manager as _, RunEvent, Wry, utils::config::WindowConfig};

use super::{
    app_handle::AppHandle,
    context::Context,
    exit_watchdog::ExitWatchdog,
    page_data, panics,
    path::AppFolder,
    run_event::RunCallback,
    shutdown::{RunError, Shutdown},
    signals::SignalWatch,
};
use crate::python::{
    callbacks::{callback::check_returned, close_question::Verdict, threads},
    errors::runtime_error,
    gil,
    host::python_host::PythonHost,
    own::{self, Own, check_process},
    plugins::plugin::Plugin,
    program::restart::{Restart, exit_code},
    window::handlers,
};
#[cfg(target_os = "linux")]
use crate::{desktop::core_guard, python::program::identity::Name};
use crate::{
    desktop::{
        page_paths, plugin, private_window,
        tray_support::{self, NO_LIBRARY},
    },
    host::Host,
};

/// Whether an app was built. GTK and AppKit can be started only once in a process.
static BUILT: AtomicBool = AtomicBool::new(false);

/// Builds the app, once.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct Builder(Own<Mutex<Option<tauri::Builder<Wry>>>>);

impl Builder {
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

fn consumed() -> PyErr {
    PyRuntimeError::new_err("Already consumed")
}

#[pymethods]
impl Builder {
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
        let name = context.look(|it| Name::take(py, it.config()))??;
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
        let restart = Restart::of_this_process(py)?;
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
            // The permissions of a crate are made with it, and it has none for that plugin.
            #[cfg(feature = "wheel")]
            {
                builder = builder.plugin(plugin::plugin_of_pytauri(host));
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

fn lock(error: &RunError) -> MutexGuard<'_, Option<PyErr>> {
    error.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is done when the loop begins, after the setup of the Tauri builder: that may be one of the
/// app's own, and a builder has one.
struct Begin {
    /// The private windows of the configuration.
    private: Vec<WindowConfig>,
    setup: Option<Py<PyAny>>,
    error: RunError,
}

impl Begin {
    /// Called on the UI thread, before windows are served.
    fn run(self, app: &tauri::AppHandle<Wry>) {
        for window in &self.private {
            let built = private_window::builder(app, window).and_then(|it| it.build());
            if let Err(error) = built {
                *lock(&self.error) = Some(runtime_error(page_data::explain(app, &error)));
                return app.exit(1);
            }
        }
        if let Some(setup) = &self.setup {
            run_setup(setup, app, &self.error);
        }
    }
}

fn run_setup(setup: &Py<PyAny>, app: &tauri::AppHandle<Wry>, error: &RunError) {
    let outcome = gil::attach(|py| {
        let handle = AppHandle::of(py, app)?;
        let setup = setup.bind(py);
        let done = setup.call1((handle,));
        let done = done.and_then(|value| check_returned(setup, &value));
        own::end_fork(py, done.as_ref().err());
        done
    });
    if let Some(Err(raised)) = outcome {
        *lock(error) = Some(raised);
        app.exit(1);
    }
}

/// A built app.
#[pyclass(unsendable, module = "transom._native")]
pub(crate) struct App {
    app: Own<Option<tauri::App<Wry>>>,
    handle: tauri::AppHandle<Wry>,
    host: Arc<Host>,
    ending: Arc<Shutdown>,
    begin: Option<Begin>,
    error: RunError,
    /// How long the end of the app took, once it has run.
    took: Option<Duration>,
}

impl App {
    fn take(&mut self) -> PyResult<tauri::App<Wry>> {
        self.app.get_mut()?.take().ok_or_else(consumed)
    }

    fn check(&self) -> PyResult<()> {
        self.app.get()?.as_ref().map(drop).ok_or_else(consumed)
    }
}

#[pymethods]
impl App {
    /// The handle of the app. It is the same object everywhere.
    fn handle(&self, py: Python<'_>) -> PyResult<Py<AppHandle>> {
        self.check()?;
        AppHandle::of(py, &self.handle)
    }

    /// Runs the app on this thread, without the GIL, until it exits. Returns the exit code.
    ///
    /// At exit the windows disappear first. Then running work is cancelled and waited for, 7 s at
    /// most.
    #[pyo3(signature = (callback=None, /))]
    fn run_return(&mut self, py: Python<'_>, callback: Option<&Bound<'_, PyAny>>) -> PyResult<i32> {
        let callback = callback
            .map(|callback| RunCallback::new(self.handle.clone(), Arc::clone(&self.host), callback))
            .transpose()?;
        let app = SendWrapper::new(self.take()?);
        if let Some(callback) = &callback {
            self.ending.ask(callback.question());
        }
        self.ending.runs();
        let ends = Arc::clone(&self.ending);
        let failing = Arc::downgrade(&self.ending);
        self.host.system.on_failure(move |_| {
            if let Some(ending) = failing.upgrade() {
                ending.fail();
            }
        });
        let handle = self.handle.clone();
        let mut begin = self.begin.take();
        let code = gil::detach(py, move || {
            // The loop itself ends with 0 whatever was asked for.
            let code = Arc::new(AtomicI32::new(0));
            let asked = Arc::clone(&code);
            let ready = Arc::new(AtomicBool::new(false));
            let is_ready = Arc::clone(&ready);
            let in_loop = Arc::clone(&ends);
            let run = || {
                app.take().run_return(move |app, event| {
                    if matches!(event, RunEvent::Ready) {
                        if let Some(begin) = begin.take() {
                            begin.run(app);
                        }
                        // All windows of the configuration are built.
                        panics::speak_up();
                        is_ready.store(true, Ordering::Relaxed);
                    }
                    // Nobody is asked again, nor whether an app may end that has failed.
                    let decided =
                        matches!(event, RunEvent::ExitRequested { .. }) && in_loop.is_decided();
                    let callback = callback.as_ref().filter(|_| !decided);
                    let verdict = callback.map_or(Verdict::Allow, |it| it.on_event(&event));
                    if let RunEvent::ExitRequested { code, api, .. } = &event {
                        let since = in_loop.heard();
                        match verdict {
                            Verdict::Ask(_) => in_loop.is_asked_for(since),
                            Verdict::Ignore => {}
                            // Tauri lets nobody prevent a restart.
                            Verdict::Allow if *code == Some(tauri::RESTART_EXIT_CODE) => {
                                in_loop.is_restarted_by_tauri();
                            }
                            Verdict::Allow => {
                                // Another request may have overtaken the one that was granted.
                                let code = callback.map_or(code.unwrap_or(0), RunCallback::code);
                                if !in_loop.has_begun() {
                                    asked.store(exit_code(code), Ordering::Relaxed);
                                }
                                in_loop.go_on(code, since, api);
                            }
                        }
                    }
                    if matches!(event, RunEvent::Exit) {
                        in_loop.leave_before_tauri();
                    }
                })
            };
            let ran = panics::caught(run).or_else(|error| {
                let left = ends.has_left().then_some(0);
                left.ok_or(error)
            });
            ends.finish();
            ran.map(|_| code.load(Ordering::Relaxed)).map_err(|error| {
                let starting = !ready.load(Ordering::Relaxed);
                let problem = starting.then(|| page_data::problem(&handle)).flatten();
                problem.map_or(error, runtime_error)
            })
        });
        self.ending.disarm();
        self.took = self.ending.took();
        let failed = lock(&self.error).take();
        failed.map_or(code, Err)
    }

    /// Seconds from the request to exit to the end of `run_return`. `None`: the app has not ended.
    fn took(&self) -> Option<f64> {
        self.took.map(|took| took.as_secs_f64())
    }

    /// Exits the app when one of these signals arrives and `is_own(number)` is false. The handlers
    /// of all others run on the main thread. Pass the `fileno()` of the result to
    /// `signal.set_wakeup_fd`.
    fn watch_signals(&self, signals: Vec<u8>, is_own: Py<PyAny>) -> PyResult<SignalWatch> {
        check_process()?;
        Ok(SignalWatch::start(
            Arc::clone(&self.ending),
            signals,
            is_own,
        )?)
    }

    /// Ends the process with `code` after `seconds`, unless the returned object is dropped before.
    fn end_process_in(&self, seconds: f64, code: i32) -> PyResult<Doom> {
        check_process()?;
        let patience = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let watchdog = ExitWatchdog::arm(patience, code, &self.host)?;
        Ok(Doom(Own::new(Mutex::new(Some(watchdog)))))
    }

    /// Runs `f()` on the UI thread, and returns at once.
    #[pyo3(signature = (f, /))]
    fn run_on_main_thread(&self, py: Python<'_>, f: Bound<'_, PyAny>) -> PyResult<()> {
        self.check()?;
        super::app_handle::run_on_main_thread(py, &self.handle, &f)
    }

    /// Hides the windows and frees what the platform holds for the app.
    fn cleanup_before_exit(&self, py: Python<'_>) -> PyResult<()> {
        self.check()?;
        let app = self.handle.clone();
        gil::detach(py, || app.cleanup_before_exit());
        Ok(())
    }
}

/// A planned end of the process, made by `App.end_process_in`.
#[pyclass(frozen, module = "transom._native")]
struct Doom(Own<Mutex<Option<ExitWatchdog>>>);

#[pymethods]
impl Doom {
    /// Cancels the end of the process.
    fn avert(&self) -> PyResult<()> {
        let doom = self.0.get()?;
        doom.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }

    /// Makes the end of the process certain: neither `avert` nor dropping the object cancels it.
    fn seal(&self) -> PyResult<()> {
        let doom = self.0.get()?;
        std::mem::forget(doom.lock().unwrap_or_else(PoisonError::into_inner).take());
        Ok(())
    }
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
    module.add_class::<Builder>()?;
    module.add_class::<App>()?;
    module.add_class::<Doom>()?;
    module.add_class::<SignalWatch>()?;
    module.add_function(wrap_pyfunction!(start_host, module)?)
}
