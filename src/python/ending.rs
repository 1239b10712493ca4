//! How an app ends: its windows go from the screen at once, the loop goes on while what runs is
//! cancelled and cleans up, and then the loop ends.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tauri::{ExitRequestApi, Manager as _, Wry};

use super::{callbacks, deadman::Deadman};
use crate::host::Host;

/// What is left of it when the handlers of the request have taken their time.
const DRAIN_AT_LEAST: Duration = Duration::from_secs(1);
/// How long after the request the process ends if Python does not get to run again.
const CEILING: Duration = Duration::from_secs(9);

/// The end of one app. Fed on the UI thread.
pub(super) struct Ending {
    app: tauri::AppHandle<Wry>,
    host: Arc<Host>,
    /// When somebody asked for the exit that is being asked about.
    asked: Mutex<Option<Instant>>,
    begun: AtomicBool,
    /// When the exit was asked for that was decided.
    since: OnceLock<Instant>,
    drained: Arc<AtomicBool>,
    deadman: Mutex<Option<Deadman>>,
}

impl Ending {
    pub(super) fn new(app: tauri::AppHandle<Wry>, host: Arc<Host>) -> Self {
        Self {
            app,
            host,
            asked: Mutex::default(),
            begun: AtomicBool::new(false),
            since: OnceLock::new(),
            drained: Arc::default(),
            deadman: Mutex::default(),
        }
    }

    /// Whether the exit is decided: nobody is asked any more.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Somebody asked for an exit, and the handlers are asked about it.
    pub(super) fn is_asked_for(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// The exit is decided. The loop goes on until nothing runs any more, or time is up.
    pub(super) fn go_on(&self, code: i32, api: &ExitRequestApi) {
        if self.drained.load(Ordering::Acquire) {
            return;
        }
        api.prevent_exit();
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.begin(code);
        }
    }

    fn begin(&self, code: i32) {
        for (label, window) in self.app.webview_windows() {
            if let Err(error) = window.hide() {
                log::debug!("window `{label}` could not be hidden: {error}");
            }
        }
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = asked.map_or(Duration::ZERO, |asked| asked.elapsed());
        let _ = self.since.set(asked.unwrap_or_else(Instant::now));
        drop(asked);
        match Deadman::arm(CEILING.saturating_sub(passed), code, &self.host) {
            Ok(deadman) => {
                let mut kept = self.deadman.lock().unwrap_or_else(PoisonError::into_inner);
                *kept = Some(deadman);
            }
            Err(error) => log::error!("the end of the app has no ceiling: {error}"),
        }
        let patience = callbacks::EXIT_CEILING
            .saturating_sub(passed)
            .max(DRAIN_AT_LEAST);
        let (app, host) = (self.app.clone(), Arc::clone(&self.host));
        let drained = Arc::clone(&self.drained);
        let leave = move || {
            callbacks::drain(&host, patience);
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

    /// The loop has ended. Call it without the GIL.
    pub(super) fn finish(&self) {
        if self.has_begun() {
            callbacks::stop_at_exit();
        } else {
            callbacks::end(&self.host);
        }
    }

    /// How long ago the exit was asked for. `None`: it was not.
    pub(super) fn took(&self) -> Option<Duration> {
        self.since.get().map(Instant::elapsed)
    }

    /// Python runs again: from here on it is Python's to end the process.
    pub(super) fn disarm(&self) {
        self.deadman
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}
