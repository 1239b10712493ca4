//! Makes pages load or send again after WebKit's network process has died. Linux only.
//!
//! The web process then drops every load of Tauri's schemes that is in progress, also those of
//! `ipc:`, without notice: a request is neither answered nor rejected, and a page that loads never
//! finishes. WebKitGTK reports this to nobody. The process is a child of this one, so its end can
//! be seen.
//!
//! The process need not be killed for that: WebKit itself ends it when it does not react, for
//! example when two dozen windows open at once.

use std::sync::{Arc, OnceLock};

use tauri::{AppHandle, Runtime};

use crate::host::Host;

/// Watches the network process from now on, once for an app.
pub(crate) fn watch<R: Runtime>(host: &Arc<Host>, app: &AppHandle<R>) {
    static WATCHED: OnceLock<()> = OnceLock::new();
    if WATCHED.set(()).is_ok() {
        imp::watch(host, app);
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use super::*;

    /// Does nothing here. A page that has lost calls from Python is told anyway, because it does
    /// not pull again.
    pub(crate) fn watch<R: Runtime>(_host: &Arc<Host>, _app: &AppHandle<R>) {}
}

#[cfg(target_os = "linux")]
mod imp {
    use std::{
        collections::HashMap,
        fs, process,
        sync::{
            Mutex, PoisonError, Weak,
            atomic::{AtomicBool, Ordering},
        },
        thread,
        time::Duration,
    };

    use rustix::{
        event::{PollFd, PollFlags, poll},
        fd::OwnedFd,
        process::{Pid, PidfdFlags, pidfd_open},
    };
    use tauri::{Manager as _, Webview};
    use webkit2gtk::WebViewExt as _;

    use super::*;
    use crate::desktop::webview::contain::contain;

    /// The name of the process, cut to the length that the kernel keeps.
    const NAME: &str = "WebKitNetworkPr";
    /// Pauses between two looks for the process.
    const FIRST_LOOK: Duration = Duration::from_millis(20);
    const LONGEST_LOOK: Duration = Duration::from_secs(1);
    /// When pages are told. A page that hears of it before its own web process does loses what it
    /// sends again, and is told again then. A call that arrived once is not taken twice.
    const TELLINGS: [Duration; 3] = [
        Duration::from_millis(50),
        Duration::from_millis(500),
        Duration::from_secs(3),
    ];

    pub(crate) fn watch<R: Runtime>(host: &Arc<Host>, app: &AppHandle<R>) {
        let (host, app) = (Arc::downgrade(host), app.clone());
        let watching = thread::Builder::new()
            .name("transom-network".into())
            .spawn(move || {
                while wait_for_death() {
                    if !spread(&host, &app) {
                        break;
                    }
                }
            });
        if let Err(error) = watching {
            log::warn!("the death of WebKit's network process will not be seen: {error}");
        }
    }

    /// Waits for the end of the process. False: it cannot be seen here.
    fn wait_for_death() -> bool {
        let mut pause = FIRST_LOOK;
        let (pid, process) = loop {
            match find() {
                Ok(Some(found)) => break found,
                Ok(None) => thread::sleep(pause),
                Err(error) => {
                    log::debug!("the children of this process cannot be listed: {error}");
                    return false;
                }
            }
            pause = (pause * 2).min(LONGEST_LOOK);
        };
        let mut fds = [PollFd::new(&process, PollFlags::IN)];
        while poll(&mut fds, None).is_err_and(|error| error == rustix::io::Errno::INTR) {}
        log::debug!("the process {pid} has ended");
        true
    }

    /// Finds the network process, a child of this one.
    fn find() -> std::io::Result<Option<(i32, OwnedFd)>> {
        for thread in fs::read_dir(format!("/proc/{}/task", process::id()))? {
            let children = match fs::read_to_string(thread?.path().join("children")) {
                Ok(children) => children,
                // The thread has ended, or another has begun in its place.
                Err(_) => continue,
            };
            for pid in children.split_whitespace().filter_map(|it| it.parse().ok()) {
                let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
                if name.trim_end() == NAME
                    && let Some(it) = Pid::from_raw(pid)
                    && let Ok(process) = pidfd_open(it, PidfdFlags::empty())
                    && !has_ended(&process)
                {
                    return Ok(Some((pid, process)));
                }
            }
        }
        Ok(None)
    }

    /// Whether the process has ended and nobody has asked for its exit code yet.
    fn has_ended(process: &OwnedFd) -> bool {
        let mut fds = [PollFd::new(process, PollFlags::IN)];
        let at_once = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut fds, Some(&at_once)).is_ok_and(|ready| ready > 0)
    }

    /// How much of each loading page has loaded, by window label.
    type Loading = Arc<Mutex<HashMap<String, f64>>>;

    /// Tells every page. False: the app has ended.
    fn spread<R: Runtime>(host: &Weak<Host>, app: &AppHandle<R>) -> bool {
        let Some(host) = host.upgrade().filter(|host| !host.bridge.has_ended()) else {
            return false;
        };
        let pages = app.webview_windows().len();
        log::warn!(
            "WebKit's network process has ended: {pages} pages send again what was under way, and \
             those that were loading load again"
        );
        let (app, loading) = (app.clone(), Loading::default());
        tauri::async_runtime::spawn(async move {
            let mut passed = Duration::ZERO;
            for (turn, at) in TELLINGS.into_iter().enumerate() {
                tokio::time::sleep(at.saturating_sub(passed)).await;
                passed = at;
                let (own, all, loading) = (Arc::clone(&host), app.clone(), Arc::clone(&loading));
                let tell = move || {
                    contain(&own, || {
                        for window in all.webview_windows().into_values() {
                            heal(&own, window.as_ref(), &loading, turn);
                        }
                    });
                };
                if host.bridge.has_ended() || app.run_on_main_thread(tell).is_err() {
                    return;
                }
            }
        });
        true
    }

    /// Makes a page that is stuck while loading load again, and any other page send again. Runs on
    /// the UI thread.
    ///
    /// A page that loads after the first turn may well succeed: it is stuck only if it has made no
    /// progress since the turn before.
    fn heal<R: Runtime>(host: &Arc<Host>, webview: &Webview<R>, loading: &Loading, turn: usize) {
        let label = webview.label().to_owned();
        let (loading, loads) = (Arc::clone(loading), Arc::new(AtomicBool::new(false)));
        let (name, found) = (label.clone(), Arc::clone(&loads));
        let asked = webview.with_webview(move |platform| {
            let view = platform.inner();
            if !view.is_loading() {
                return;
            }
            let come = view.estimated_load_progress();
            let mut loading = loading.lock().unwrap_or_else(PoisonError::into_inner);
            let before = loading.insert(name.clone(), come);
            let is_stuck = turn == 0 || before == Some(come);
            if is_stuck && let Some(address) = view.uri() {
                log::warn!("the page of `{name}` was loading and loads again");
                view.load_uri(&address);
                found.store(true, Ordering::Relaxed);
            }
        });
        // Not in there: Tauri holds the webview then.
        if !loads.load(Ordering::Relaxed) {
            host.bridge.tell_lost(&label);
            host.bridge.fetch_again(&label);
        }
        if let Err(error) = asked {
            log::debug!("the page of `{label}` cannot be healed: {error}");
        }
    }
}
