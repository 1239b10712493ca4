//! Defines the events that the callback of `run` and `run_return` gets, and delivers them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use pyo3::prelude::*;
use tauri::{Manager as _, Wry};

use super::app_handle::AppHandle;
use crate::host::Host;
#[cfg(all(feature = "menus", target_os = "linux"))]
use crate::python::menus::menu::editing_items;
use crate::python::{
    app::constants::RESTART,
    callbacks::{
        callback::Callback,
        close_question::{Asking, CloseDecision, Round, Veto},
    },
    host::python_host::{CallRow, row},
    own::check_process,
    values::tray_icon_event::TrayIconEvent,
    window::{handlers, webview_event::WebviewEvent, window_event::WindowEvent},
};

/// The code of an exit request as Python is told it.
fn told(code: i32) -> i32 {
    if code == RESTART {
        tauri::RESTART_EXIT_CODE
    } else {
        code
    }
}

/// Keeps the app running, when called within 5 s and before the callback has finished.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug, Default)]
pub(crate) struct ExitRequestApi(Veto);

#[pymethods]
impl ExitRequestApi {
    /// Keep the app running. Of no effect on a restart.
    fn prevent_exit(&self) -> PyResult<()> {
        check_process()?;
        self.0.say();
        Ok(())
    }
}

/// The jobs of an app at one moment. They become `CallInfo` objects when Python looks at them.
#[derive(Clone, Debug)]
pub(crate) struct Jobs(Vec<CallRow>);

impl Jobs {
    fn of(app: &tauri::AppHandle<Wry>, host: &Host) -> Self {
        let is_open = |label: &str| app.get_webview_window(label).is_some();
        let jobs = host.system.running_jobs(is_open);
        Self(jobs.iter().map(|job| row(job, true)).collect())
    }
}

impl<'py> IntoPyObject<'py> for Jobs {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let calls = py.import("transom._observe.calls")?;
        calls.call_method1("infos", (self.0,))
    }
}

impl FromPyObject<'_, '_> for Jobs {
    type Error = PyErr;

    /// Only Rust makes events, never Python.
    fn extract(_: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(Vec::new()))
    }
}

/// What happens to the app, for the callback of `App.run` and `App.run_return`.
#[pyclass(frozen, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum RunEvent {
    /// The loop ends.
    Exit(),
    /// The app will exit unless `api.prevent_exit()` is called.
    ///
    /// `code` is `None` when the last window closed.
    ExitRequested {
        code: Option<i32>,
        api: ExitRequestApi,
        /// The calls that outlived their page and still run; the exit cancels them.
        jobs: Jobs,
    },
    /// Something happened to the window `label`.
    WindowEvent { label: String, event: WindowEvent },
    /// Something happened to the webview `label`.
    WebviewEvent { label: String, event: WebviewEvent },
    /// The loop runs.
    Ready(),
    /// The loop goes on.
    Resumed(),
    /// One turn of the loop is over. Conflated: not every turn is reported.
    MainEventsCleared(),
    /// A menu item with this id was chosen.
    MenuEvent(String),
    /// The mouse did something at a tray icon; not on Linux.
    TrayIconEvent(TrayIconEvent),
    #[pyo3(name = "_NonExhaustive")]
    NonExhaustive(),
}

impl RunEvent {
    fn new(event: &tauri::RunEvent, veto: Veto, app: &tauri::AppHandle<Wry>, host: &Host) -> Self {
        use tauri::RunEvent as Event;
        match event {
            Event::Exit => Self::Exit(),
            Event::ExitRequested { code, .. } => Self::ExitRequested {
                code: code.map(told),
                api: ExitRequestApi(veto),
                jobs: Jobs::of(app, host),
            },
            Event::WindowEvent { label, event, .. } => Self::WindowEvent {
                label: label.clone(),
                event: WindowEvent::new(event, veto),
            },
            Event::WebviewEvent { label, event, .. } => Self::WebviewEvent {
                label: label.clone(),
                event: event.into(),
            },
            Event::Ready => Self::Ready(),
            Event::Resumed => Self::Resumed(),
            Event::MainEventsCleared => Self::MainEventsCleared(),
            Event::MenuEvent(event) => Self::MenuEvent(event.id().0.clone()),
            #[cfg(feature = "menus")]
            Event::TrayIconEvent(event) => Self::TrayIconEvent(event.clone().into()),
            _ => Self::NonExhaustive(),
        }
    }

    /// The kind and window of an event that a newer event of the same kind and window may replace.
    fn conflates(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::MainEventsCleared() => Some(("main-events-cleared", "")),
            Self::WindowEvent { label, event } => Some((event.conflates()?, label)),
            Self::WebviewEvent { label, event } => Some((event.conflates()?, label)),
            Self::TrayIconEvent(TrayIconEvent::Move { id, .. }) => Some(("tray-move", id)),
            _ => None,
        }
    }
}

/// The Python callback of `run`, fed from the UI thread.
pub(crate) struct RunCallback {
    app: tauri::AppHandle<Wry>,
    host: Arc<Host>,
    callback: Callback,
    exiting: Arc<Asking>,
    /// The exit code of the exit request that is being decided.
    code: Arc<AtomicI32>,
    /// The exit code of the one that follows it.
    next_code: Arc<AtomicI32>,
}

impl RunCallback {
    /// `callback(app_handle, run_event)`; `TypeError` when it cannot be called.
    pub(crate) fn new(
        app: tauri::AppHandle<Wry>,
        host: Arc<Host>,
        callback: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let callback = Callback::new(callback)?;
        handlers::ask_run_callback();
        let code = Arc::new(AtomicI32::new(0));
        let (exit_app, exit_code) = (app.clone(), code.clone());
        let next_code = Arc::new(AtomicI32::new(0));
        let (again_app, again_code) = (app.clone(), next_code.clone());
        let act = move || exit_app.exit(exit_code.load(Ordering::Relaxed));
        let ask_again = move || {
            let (exiting, code) = (again_app.clone(), again_code.load(Ordering::Relaxed));
            // It fails when the loop has ended already.
            let _ = again_app.run_on_main_thread(move || exiting.exit(code));
        };
        Ok(Self {
            app,
            host,
            callback,
            exiting: Asking::new(act, ask_again),
            code,
            next_code,
        })
    }

    /// The question whether the app may exit.
    pub(crate) fn question(&self) -> &Arc<Asking> {
        &self.exiting
    }

    /// The exit code of the last exit request.
    pub(crate) fn code(&self) -> i32 {
        self.code.load(Ordering::Relaxed)
    }

    /// Handles an event of the event loop. It takes no GIL, never blocks and never panics. The
    /// result matters only for an exit request.
    pub(crate) fn on_event(&self, event: &tauri::RunEvent) -> CloseDecision {
        catch_unwind(AssertUnwindSafe(|| self.route(event))).unwrap_or_else(|_| {
            log::error!("an event of the app was lost to a panic");
            CloseDecision::Allow
        })
    }

    fn route(&self, event: &tauri::RunEvent) -> CloseDecision {
        match event {
            // After Tauri's own code for a restart its loop ends, whatever the answer.
            tauri::RunEvent::ExitRequested { code, api, .. }
                if *code != Some(tauri::RESTART_EXIT_CODE) =>
            {
                let verdict = self.exiting.request(1);
                match verdict {
                    CloseDecision::Allow => {}
                    CloseDecision::Ignore => {
                        api.prevent_exit();
                        // With a code, somebody's code means it: a handler that has asked the user,
                        // or a signal. Without one, the last window has closed, and the handlers
                        // that run know of that.
                        if let Some(code) = code {
                            self.next_code.store(*code, Ordering::Relaxed);
                            self.exiting.remember();
                        }
                    }
                    CloseDecision::Ask(round) => {
                        api.prevent_exit();
                        self.code.store(code.unwrap_or(0), Ordering::Relaxed);
                        self.post(event, Some((self.exiting.clone(), round)));
                    }
                }
                return verdict;
            }
            tauri::RunEvent::WindowEvent {
                label,
                event: tauri::WindowEvent::CloseRequested { .. },
                ..
            } => self.post(event, handlers::run_callback_round(label)),
            // The system carries these out, so nobody hears of them.
            #[cfg(all(feature = "menus", target_os = "linux"))]
            tauri::RunEvent::MenuEvent(event)
                if editing_items::command_of(&event.id().0).is_some() => {}
            _ => self.post(event, None),
        }
        CloseDecision::Allow
    }

    fn post(&self, event: &tauri::RunEvent, asked: Option<(Arc<Asking>, Round)>) {
        let restarts = matches!(
            event,
            tauri::RunEvent::ExitRequested {
                code: Some(RESTART),
                ..
            }
        );
        // As in Tauri, nobody prevents a restart.
        let asks = asked.as_ref().filter(|_| !restarts);
        let veto = asks.map(|(asking, round)| Veto::of(asking, *round));
        let event = RunEvent::new(event, veto.unwrap_or_default(), &self.app, &self.host);
        let key = event
            .conflates()
            .map(|(kind, label)| self.callback.key(kind, label));
        let app = self.app.clone();
        self.callback.post(
            key,
            move |py| (AppHandle::of(py, &app)?, event).into_pyobject(py),
            asked.map(|(asking, round)| asking.done(round)),
        );
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ExitRequestApi>()?;
    module.add_class::<RunEvent>()?;
    // As PyTauri has it; `jobs` is there by name only.
    let event = module.getattr("RunEvent")?.getattr("ExitRequested")?;
    event.setattr("__match_args__", ("code", "api"))
}
