//! `Builder` and `App`: what the wheel adds to the plugin.

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
use tauri::{RunEvent, Wry};

use super::{
    app_handle::AppHandle,
    ask::Verdict,
    callbacks,
    context::Context,
    deadman::Deadman,
    ending::Ending,
    errors::runtime_error,
    gil,
    host::PythonHost,
    own::{self, Own, check_process},
    panics,
    run_event::RunCallback,
    signals::SignalWatch,
    window_handlers,
};
use crate::{
    context::{SCHEME, serve},
    host::Host,
    plugin,
};

/// GTK and AppKit can be started once in a process.
static BUILT: AtomicBool = AtomicBool::new(false);

/// Builds the app, once.
#[pyclass(frozen, module = "transom._native")]
pub(super) struct Builder {
    consumed: AtomicBool,
}

/// What went wrong in `setup`, until `run_return` raises it.
type SetupError = Arc<Mutex<Option<PyErr>>>;

#[pymethods]
impl Builder {
    /// Makes the app. `host` are its actors; `setup` is called with the `AppHandle`. Without
    /// `commands` its pages find no plugin to call.
    #[pyo3(signature = (context, host, setup=None, commands=true))]
    fn build(
        &self,
        context: &Context,
        host: &PythonHost,
        setup: Option<Py<PyAny>>,
        commands: bool,
    ) -> PyResult<App> {
        let host = host.get()?;
        open_display()?;
        if self.consumed.swap(true, Ordering::AcqRel) {
            return Err(PyRuntimeError::new_err("Already consumed"));
        }
        let context = context.take()?;
        if BUILT.swap(true, Ordering::AcqRel) {
            return Err(PyRuntimeError::new_err(
                "this process has built an app already: only one app per process is possible",
            ));
        }
        let mut builder = tauri::Builder::default()
            .register_asynchronous_uri_scheme_protocol(SCHEME, serve)
            .plugin(window_handlers::plugin());
        if commands {
            builder = builder.plugin(plugin::plugin(host, || {}).build());
        }
        host.bridge.mark_ui_thread();
        let failed = SetupError::default();
        let error = Arc::clone(&failed);
        let builder = builder.setup(move |app| {
            if let Some(setup) = setup {
                run_setup(&setup, app.handle(), &error);
            }
            Ok(())
        });
        let app = panics::caught(|| builder.build(context))?.map_err(runtime_error)?;
        callbacks::start();
        Ok(App {
            handle: app.handle().clone(),
            app: Own::new(Some(app)),
            host: Arc::clone(host),
            setup_error: failed,
            took: None,
        })
    }
}

/// Starts GTK, which without a display ends in a panic of Tauri's.
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

fn lock(error: &SetupError) -> MutexGuard<'_, Option<PyErr>> {
    error.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On the UI thread, before windows are served.
fn run_setup(setup: &Py<PyAny>, app: &tauri::AppHandle<Wry>, error: &SetupError) {
    let outcome = gil::attach(|py| {
        let handle = AppHandle::of(py, app)?;
        let done = setup.call1(py, (handle,)).map(drop);
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
pub(super) struct App {
    app: Own<Option<tauri::App<Wry>>>,
    handle: tauri::AppHandle<Wry>,
    host: Arc<Host>,
    setup_error: SetupError,
    /// How long the end took, of an app that has run.
    took: Option<Duration>,
}

impl App {
    fn take(&mut self) -> PyResult<tauri::App<Wry>> {
        self.app
            .get_mut()?
            .take()
            .ok_or_else(|| PyRuntimeError::new_err("Already consumed"))
    }

    fn check(&self) -> PyResult<()> {
        self.app
            .get()?
            .as_ref()
            .map(drop)
            .ok_or_else(|| PyRuntimeError::new_err("Already consumed"))
    }
}

#[pymethods]
impl App {
    /// The handle of the app; the same object everywhere.
    fn handle(&self, py: Python<'_>) -> PyResult<Py<AppHandle>> {
        self.check()?;
        AppHandle::of(py, &self.handle)
    }

    /// Runs the app on this thread, without the GIL, until it exits. Gives the exit code.
    ///
    /// Its windows go from the screen before what still runs is cancelled and waited for, 7 s at
    /// most.
    #[pyo3(signature = (callback=None, /))]
    fn run_return(&mut self, py: Python<'_>, callback: Option<&Bound<'_, PyAny>>) -> PyResult<i32> {
        let callback = callback
            .map(|callback| RunCallback::new(self.handle.clone(), Arc::clone(&self.host), callback))
            .transpose()?;
        let app = SendWrapper::new(self.take()?);
        let setup_error = Arc::clone(&self.setup_error);
        let ending = Arc::new(Ending::new(self.handle.clone(), Arc::clone(&self.host)));
        let ends = Arc::clone(&ending);
        let code = gil::detach(py, move || {
            // The loop itself ends with 0 whatever was asked for.
            let code = Arc::new(AtomicI32::new(0));
            let asked = Arc::clone(&code);
            let in_loop = Arc::clone(&ends);
            let run = || {
                app.take().run_return(move |_, event| {
                    panics::speak_up();
                    // Nobody is asked again, nor whether an app may end whose setup has failed.
                    let decided = matches!(event, RunEvent::ExitRequested { .. })
                        && (in_loop.has_begun() || lock(&setup_error).is_some());
                    let callback = callback.as_ref().filter(|_| !decided);
                    let verdict = callback.map_or(Verdict::Allow, |it| it.on_event(&event));
                    if let RunEvent::ExitRequested { code, api, .. } = &event {
                        match verdict {
                            Verdict::Ask(_) => in_loop.is_asked_for(),
                            Verdict::Ignore => {}
                            // Tauri lets nobody prevent a restart.
                            Verdict::Allow if *code == Some(tauri::RESTART_EXIT_CODE) => {}
                            Verdict::Allow => {
                                // Another request may have overtaken the one that was granted.
                                let code = callback.map_or(code.unwrap_or(0), RunCallback::code);
                                if !in_loop.has_begun() {
                                    asked.store(code, Ordering::Relaxed);
                                }
                                in_loop.go_on(code, api);
                            }
                        }
                    }
                })
            };
            let ran = panics::caught(run);
            ends.finish();
            ran.map(|_| code.load(Ordering::Relaxed))
        });
        ending.disarm();
        self.took = ending.took();
        let failed = lock(&self.setup_error).take();
        failed.map_or(code, Err)
    }

    /// Seconds from the request to exit to the end of `run_return`. `None`: it has not run to its end.
    fn took(&self) -> Option<f64> {
        self.took.map(|took| took.as_secs_f64())
    }

    /// Exits the app when one of these signals comes; give its `fileno()` to
    /// `signal.set_wakeup_fd`.
    fn watch_signals(&self, signals: Vec<u8>) -> PyResult<SignalWatch> {
        check_process()?;
        Ok(SignalWatch::start(self.handle.clone(), signals)?)
    }

    /// Ends the process with `code` after `seconds`, unless the object that this gives goes before.
    fn end_process_in(&self, seconds: f64, code: i32) -> PyResult<Doom> {
        check_process()?;
        let patience = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let deadman = Deadman::arm(patience, code, &self.host)?;
        Ok(Doom(Own::new(Mutex::new(Some(deadman)))))
    }

    /// Runs `f()` on the UI thread; returns at once.
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

/// The end of the process that `App.end_process_in` has announced.
#[pyclass(frozen, module = "transom._native")]
struct Doom(Own<Mutex<Option<Deadman>>>);

#[pymethods]
impl Doom {
    /// The process lives on.
    fn avert(&self) -> PyResult<()> {
        let doom = self.0.get()?;
        doom.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }

    /// Nobody can avert it any more, nor does the object's end.
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

/// A builder of Tauri's default kind.
#[pyfunction]
fn builder() -> PyResult<Builder> {
    check_process()?;
    Ok(Builder {
        consumed: AtomicBool::new(false),
    })
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Builder>()?;
    module.add_class::<App>()?;
    module.add_class::<Doom>()?;
    module.add_class::<SignalWatch>()?;
    module.add_function(wrap_pyfunction!(start_host, module)?)?;
    module.add_function(wrap_pyfunction!(builder, module)?)
}
