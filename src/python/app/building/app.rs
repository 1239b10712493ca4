//! Defines the Python class `App`, which runs an app until it ends.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    time::Duration,
};

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use send_wrapper::SendWrapper;
use tauri::{RunEvent, Wry, utils::config::WindowConfig};

use super::panics;
use crate::{
    desktop::webview::private_window,
    host::Host,
    python::{
        app::{
            app_handle::AppHandle,
            end::{
                exit_watchdog::{self, ExitWatchdog},
                shutdown::{RunError, Shutdown},
                signals::SignalWatch,
            },
            page_data,
            program::restart::exit_code,
            run_event::RunCallback,
        },
        callbacks::{callback::check_returned, close_question::CloseDecision},
        convert::errors::runtime_error,
        gil,
        own::{self, Own, check_process},
    },
};

pub(super) fn consumed() -> PyErr {
    PyRuntimeError::new_err("Already consumed")
}

fn lock(error: &RunError) -> MutexGuard<'_, Option<PyErr>> {
    error.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is done when the loop begins, after the setup of the Tauri builder: that may be one of the
/// app's own, and a builder has one.
pub(super) struct Begin {
    /// The private windows of the configuration.
    pub(super) private: Vec<WindowConfig>,
    pub(super) setup: Option<Py<PyAny>>,
    pub(super) error: RunError,
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
    pub(super) app: Own<Option<tauri::App<Wry>>>,
    pub(super) handle: tauri::AppHandle<Wry>,
    pub(super) host: Arc<Host>,
    pub(super) ending: Arc<Shutdown>,
    pub(super) begin: Option<Begin>,
    pub(super) error: RunError,
    /// How long the end of the app took, once it has run.
    pub(super) took: Option<Duration>,
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
                    let verdict = callback.map_or(CloseDecision::Allow, |it| it.on_event(&event));
                    if let RunEvent::ExitRequested { code, api, .. } = &event {
                        let since = in_loop.heard();
                        match verdict {
                            CloseDecision::Ask(_) => in_loop.is_asked_for(since),
                            CloseDecision::Ignore => {}
                            // Tauri lets nobody prevent a restart.
                            CloseDecision::Allow if *code == Some(tauri::RESTART_EXIT_CODE) => {
                                in_loop.is_restarted_by_tauri();
                            }
                            CloseDecision::Allow => {
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
        let host = Arc::clone(&self.host);
        let watchdog = ExitWatchdog::arm(patience, code, move || exit_watchdog::work(&host))?;
        Ok(Doom(Own::new(Mutex::new(Some(watchdog)))))
    }

    /// Runs `f()` on the UI thread, and returns at once.
    #[pyo3(signature = (f, /))]
    fn run_on_main_thread(&self, py: Python<'_>, f: Bound<'_, PyAny>) -> PyResult<()> {
        self.check()?;
        crate::python::app::app_handle::run_on_main_thread(py, &self.handle, &f)
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

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<App>()?;
    module.add_class::<Doom>()?;
    module.add_class::<SignalWatch>()
}
