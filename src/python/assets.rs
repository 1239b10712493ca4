//! The assets of an app that brings its own: a Python object that gives the bytes of each key.
//!
//! Tauri asks from tasks of its asynchronous runtime. Those wait here, within a bound, for threads
//! of our own, which run the Python code.

use std::{
    borrow::Cow,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use crossbeam_channel::{Sender, bounded};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBytes, PyString},
};
use tauri::{
    Assets, Wry,
    utils::assets::{AssetKey, AssetsIter, CspHash},
};

use super::{app_handle::AppHandle, callbacks, gil};
use crate::context::{PagePolicy, while_blocking};

/// How long a request waits for Python.
const PATIENCE: Duration = Duration::from_secs(30);
const THREADS: usize = 4;
/// Requests that may wait for a thread; one more is answered as not found.
const WAITING: usize = 1024;

type Job = Box<dyn FnOnce(Python<'_>) + Send>;

/// See the module's text.
pub(super) struct PythonAssets {
    object: Arc<Py<PyAny>>,
    jobs: Sender<Job>,
    policy: PagePolicy,
}

impl fmt::Debug for PythonAssets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PythonAssets").finish_non_exhaustive()
    }
}

impl PythonAssets {
    /// `TypeError` when `object` lacks `get`.
    pub(super) fn new(object: &Bound<'_, PyAny>, policy: PagePolicy) -> PyResult<Self> {
        if object.getattr_opt("get")?.is_none() {
            return Err(PyTypeError::new_err(format!(
                "assets need a method `get(key)`: make a subclass of `transom.Assets`, got {}",
                object.get_type().name()?
            )));
        }
        let (jobs, work) = bounded::<Job>(WAITING);
        for number in 1..=THREADS {
            let work = work.clone();
            thread::Builder::new()
                .name(format!("transom-assets-{number}"))
                .spawn(move || {
                    for job in work {
                        let run = AssertUnwindSafe(|| gil::attach(job));
                        if catch_unwind(run).is_err() {
                            log::error!("reading an asset panicked");
                        }
                    }
                })?;
        }
        Ok(Self {
            object: Arc::new(object.clone().unbind()),
            jobs,
            policy,
        })
    }

    /// What `read` makes of the object, on a thread of ours. What it raises is logged.
    fn ask<T: Send + 'static>(
        &self,
        what: String,
        read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T> + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        let object = Arc::clone(&self.object);
        let job: Job = Box::new(move |py| {
            let found = read(object.bind(py))
                .inspect_err(|err| callbacks::log_exception(py, &what, err))
                .ok();
            // Nobody waits any more: the answer came too late.
            let _ = answer.send(found);
        });
        if self.jobs.try_send(job).is_err() {
            log::warn!("an asset was not read: {WAITING} requests wait already");
            return None;
        }
        while_blocking(|| answered.recv_timeout(PATIENCE)).ok()?
    }

    fn read(&self, key: &str) -> Option<Vec<u8>> {
        let (asked, what) = (
            key.to_owned(),
            format!("`get({key:?})` of the assets failed"),
        );
        let bytes = self.ask(what, move |object| {
            let found = object.call_method1("get", (asked,))?;
            if found.is_none() {
                return Ok(None);
            }
            bytes_of(&found).map(Some)
        })??;
        Some(self.policy.apply(key, bytes))
    }
}

fn bytes_of(found: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match found.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes().to_vec()),
        Err(_) => Err(PyTypeError::new_err(format!(
            "an asset is `bytes`, got {}",
            found.get_type().name()?
        ))),
    }
}

impl Assets<Wry> for PythonAssets {
    /// On the UI thread, before windows are served.
    fn setup(&self, app: &tauri::App<Wry>) {
        let set_up = || {
            gil::attach(|py| {
                let object = self.object.bind(py);
                let call = || -> PyResult<()> {
                    if let Some(setup) = object.getattr_opt("setup")? {
                        setup.call1((AppHandle::of(py, app.handle())?,))?;
                    }
                    Ok(())
                };
                if let Err(err) = call() {
                    callbacks::log_exception(py, "`setup` of the assets failed", &err);
                }
            })
        };
        if catch_unwind(AssertUnwindSafe(set_up)).is_err() {
            log::error!("the setup of the assets panicked");
        }
    }

    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        self.read(key.as_ref()).map(Cow::Owned)
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        let found = self.ask("`iter()` of the assets failed".to_owned(), |object| {
            let mut all = Vec::new();
            for entry in object.call_method0("iter")?.try_iter()? {
                let (key, bytes): (Bound<'_, PyString>, Bound<'_, PyAny>) = entry?.extract()?;
                all.push((key.to_string(), bytes_of(&bytes)?));
            }
            Ok(all)
        });
        let all = found.unwrap_or_default().into_iter();
        Box::new(all.map(|(key, bytes)| (Cow::Owned(key), Cow::Owned(bytes))))
    }

    /// None: inline scripts carry a nonce instead.
    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}
