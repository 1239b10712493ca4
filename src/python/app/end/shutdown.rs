//! Ends an app in order: hides its windows, cancels running work, waits for it, ends the loop.

use std::{
    io, panic,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use pyo3::PyErr;
use tauri::{ExitRequestApi, Manager as _, Wry};

use super::exit_watchdog::{ExitStage, ExitWatchdog, WaitsFor};
#[cfg(target_os = "linux")]
use crate::desktop::menus::open_menus;
use crate::host::{FAILED, Host};
use crate::python::{
    app::constants::RESTART,
    app::program::restart::{RestartMethod, exit_code},
    callbacks::close_question::Asking,
    gil,
    host::drain::{self, EXIT_CEILING},
    window::building::turns,
};

/// The least time for running work, when the handlers of the exit request have used up the rest.
const DRAIN_AT_LEAST: Duration = Duration::from_secs(1);
/// How long after the exit request the process ends if Python does not get to run again.
const CEILING: Duration = Duration::from_secs(9);

/// An exception that ends the app, until `run_return` raises it.
pub(crate) type RunError = Arc<Mutex<Option<PyErr>>>;

/// A request to exit that waits for the UI thread, which may be busy.
struct Unheard {
    since: Instant,
    #[expect(dead_code, reason = "it acts unless it is dropped")]
    watchdog: ExitWatchdog,
}

/// What unwinds the event loop.
struct Left;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The shutdown of one app. It is driven on the UI thread.
pub(crate) struct Shutdown {
    app: tauri::AppHandle<Wry>,
    host: Arc<Host>,
    error: RunError,
    restart: RestartMethod,
    /// Tauri is about to start the program anew, instead of coming back from `run_return`.
    by_tauri: AtomicBool,
    running: AtomicBool,
    /// What the end of the app waits for.
    waits_for: Arc<WaitsFor>,
    /// Ends the process if the event loop does not hear of a request.
    unheard: Mutex<Option<Unheard>>,
    /// When the exit was requested that is being decided.
    asked: Mutex<Option<Instant>>,
    begun: AtomicBool,
    /// Nobody is asked any more whether the app may end.
    decided: AtomicBool,
    /// The question whether the app may end, if somebody answers it.
    question: OnceLock<Arc<Asking>>,
    /// When the exit was requested that was granted.
    since: OnceLock<Instant>,
    drained: Arc<AtomicBool>,
    watchdog: Mutex<Option<ExitWatchdog>>,
}

impl Shutdown {
    /// `error` is what comes out of `run_return`.
    pub(crate) fn new(
        app: tauri::AppHandle<Wry>,
        host: Arc<Host>,
        error: RunError,
        restart: RestartMethod,
    ) -> Self {
        Self {
            app,
            host,
            error,
            restart,
            by_tauri: AtomicBool::new(false),
            running: AtomicBool::new(false),
            waits_for: Arc::default(),
            unheard: Mutex::default(),
            asked: Mutex::default(),
            begun: AtomicBool::new(false),
            decided: AtomicBool::new(false),
            question: OnceLock::new(),
            since: OnceLock::new(),
            drained: Arc::default(),
            watchdog: Mutex::default(),
        }
    }

    /// Sets the question that is asked before the app ends. The first call counts.
    pub(crate) fn ask(&self, question: &Arc<Asking>) {
        let _ = self.question.set(Arc::clone(question));
    }

    /// Whether the exit was granted.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Whether nobody is asked any more whether the app may end.
    pub(crate) fn is_decided(&self) -> bool {
        self.has_begun() || self.decided.load(Ordering::Relaxed) || lock(&self.error).is_some()
    }

    /// Exits because a part of the app without which it cannot go on fails too often.
    pub(crate) fn fail(&self) {
        self.decided.store(true, Ordering::Relaxed);
        self.request(FAILED);
    }

    /// Exits because of a signal that arrived at this time. One that comes while the handlers are
    /// asked decides: a handler that does not end must not keep the app from ending.
    pub(crate) fn signalled(&self, code: i32, arrived: Instant) {
        if self.question.get().is_some_and(|it| it.is_open()) {
            self.decided.store(true, Ordering::Relaxed);
        }
        self.request_since(code, arrived);
    }

    /// Runs the program's own signal handlers on the main thread. What they raise ends the app, and
    /// comes out of `run_return`.
    pub(crate) fn handle_signals(self: &Arc<Self>) {
        let ending = Arc::clone(self);
        // It fails when the loop has ended already: then Python handles signals itself.
        let _ = self.app.run_on_main_thread(move || {
            if let Some(Err(raised)) = gil::attach(|py| py.check_signals()) {
                *lock(&ending.error) = Some(raised);
                ending.app.exit(1);
            }
        });
    }

    /// Requests an exit. False: the event loop has ended already.
    pub(crate) fn request(&self, code: i32) -> bool {
        self.request_since(code, Instant::now())
    }

    /// Like [`Shutdown::request`], for a request that was made at this time.
    fn request_since(&self, code: i32, since: Instant) -> bool {
        self.expect_to_be_heard(code, since);
        #[cfg(target_os = "linux")]
        open_menus::close(&self.app);
        let exiting = self.app.clone();
        // From another thread Tauri ends the process on the spot when the loop has ended.
        self.app
            .run_on_main_thread(move || exiting.exit(code))
            .is_ok()
    }

    /// Requests an exit after which the app starts again. False: the program of this process is the
    /// app, and Tauri starts it.
    ///
    /// # Errors
    ///
    /// The text says why the app cannot start again.
    pub(crate) fn request_restart(&self) -> Result<bool, String> {
        match &self.restart {
            RestartMethod::ByTauri => Ok(false),
            RestartMethod::Impossible(why) => Err(why.clone()),
            RestartMethod::By(_) if self.request(RESTART) => Ok(true),
            RestartMethod::By(_) => Err("the app has ended".to_owned()),
        }
    }

    /// Notes that Tauri ends its loop now, to start the program anew. That is left to it where the
    /// program is the app.
    pub(crate) fn is_restarted_by_tauri(&self) {
        if !matches!(self.restart, RestartMethod::By(_))
            || self.by_tauri.swap(true, Ordering::Relaxed)
        {
            return;
        }
        if !self.has_begun() {
            self.restart.prepare();
        }
    }

    /// Leaves the event loop before Tauri starts the program, if it is about to do so. Called for
    /// its last event, outside of C code.
    pub(crate) fn leave_before_tauri(&self) {
        if self.by_tauri.load(Ordering::Relaxed) {
            self.app.cleanup_before_exit();
            panic::resume_unwind(Box::new(Left));
        }
    }

    /// Whether the event loop was left by `leave_before_tauri`.
    pub(crate) fn has_left(&self) -> bool {
        self.by_tauri.load(Ordering::Relaxed)
    }

    fn expect_to_be_heard(&self, code: i32, since: Instant) {
        let mut unheard = lock(&self.unheard);
        let runs = self.running.load(Ordering::Relaxed);
        if unheard.is_some() || !runs || self.has_begun() {
            return;
        }
        match self.arm(CEILING.saturating_sub(since.elapsed()), code) {
            Ok(watchdog) => *unheard = Some(Unheard { since, watchdog }),
            Err(error) => log::error!("an exit request has no ceiling: {error}"),
        }
    }

    /// Notes that the event loop runs, and will hear of requests.
    pub(crate) fn runs(&self) {
        self.running.store(true, Ordering::Relaxed);
    }

    /// Notes that the event loop has heard of a request. Returns when that was made.
    pub(crate) fn heard(&self) -> Instant {
        let unheard = lock(&self.unheard).take();
        unheard.map_or_else(Instant::now, |it| it.since)
    }

    /// Notes that handlers are asked about a request that was made at this time.
    pub(crate) fn is_asked_for(&self, since: Instant) {
        *lock(&self.asked) = Some(since);
    }

    /// Grants the exit that was requested at this time, or earlier if handlers were asked. The loop
    /// goes on until nothing runs any more, or the time is up.
    pub(crate) fn go_on(&self, code: i32, since: Instant, api: &ExitRequestApi) {
        if self.drained.load(Ordering::Acquire) {
            return;
        }
        api.prevent_exit();
        if !self.begun.swap(true, Ordering::Relaxed) {
            if code == RESTART {
                self.restart.prepare();
            }
            self.begin(code, since);
        }
    }

    fn arm(&self, patience: Duration, code: i32) -> io::Result<ExitWatchdog> {
        let (waits_for, host) = (Arc::clone(&self.waits_for), Arc::clone(&self.host));
        ExitWatchdog::arm(patience, exit_code(code), move || waits_for.describe(&host))
    }

    fn begin(&self, code: i32, since: Instant) {
        turns::end();
        for (label, window) in self.app.webview_windows() {
            if let Err(error) = window.hide() {
                log::debug!("window `{label}` could not be hidden: {error}");
            }
        }
        let asked = lock(&self.asked).unwrap_or(since);
        let passed = asked.elapsed();
        let _ = self.since.set(asked);
        self.waits_for.set(ExitStage::Work);
        match self.arm(CEILING.saturating_sub(passed), code) {
            Ok(watchdog) => {
                *lock(&self.watchdog) = Some(watchdog);
            }
            Err(error) => log::error!("the end of the app has no ceiling: {error}"),
        }
        let patience = EXIT_CEILING.saturating_sub(passed).max(DRAIN_AT_LEAST);
        let (app, host) = (self.app.clone(), Arc::clone(&self.host));
        let drained = Arc::clone(&self.drained);
        let waits_for = Arc::clone(&self.waits_for);
        let leave = move || {
            drain::drain(&host, patience);
            waits_for.set(ExitStage::UiThread);
            drained.store(true, Ordering::Release);
            let exiting = app.clone();
            // Fails when the loop has ended already, which is what it is for.
            let _ = app.run_on_main_thread(move || exiting.exit(code));
        };
        let thread = thread::Builder::new().name("transom-exit".into());
        if let Err(error) = thread.spawn(leave) {
            log::error!("the app ends without waiting for what runs: {error}");
            self.drained.store(true, Ordering::Release);
            self.app.exit(code);
        }
    }

    /// Does the rest after the loop has ended. Call it without the GIL.
    pub(crate) fn finish(&self) {
        self.waits_for.set(ExitStage::Python);
        if self.has_begun() {
            drain::stop_callbacks();
        } else {
            drain::end(&self.host);
        }
    }

    /// How long ago the exit was requested. `None`: it was not.
    pub(crate) fn took(&self) -> Option<Duration> {
        self.since.get().map(Instant::elapsed)
    }

    /// Stops the watchdog, because Python runs again and ends the process itself.
    pub(crate) fn disarm(&self) {
        lock(&self.unheard).take();
        lock(&self.watchdog).take();
    }
}

/// Requests that the app of this handle ends and starts again, as [`Shutdown::request_restart`]
/// does.
pub(crate) fn request_restart(app: &tauri::AppHandle<Wry>) -> Result<bool, String> {
    let Some(ending) = app.try_state::<Weak<Shutdown>>() else {
        return Ok(false);
    };
    let ending = ending.upgrade().ok_or("the app has ended")?;
    ending.request_restart()
}
