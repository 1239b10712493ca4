//! Serves the pages of an app from a Python object that returns the bytes of each file.
//!
//! Tauri asks for files from tasks of its asynchronous runtime. The tasks wait, for a limited time,
//! until threads of Python's own have taken the requests and run the Python code.

use std::{
    borrow::Cow,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError, mpsc},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBytes, PyString},
};
use tauri::{
    Assets, Wry,
    utils::assets::{AssetKey, AssetsIter, CspHash},
};

use super::app_handle::AppHandle;
use crate::context::{PagePolicy, while_blocking};
use crate::python::{callbacks::threads, gil};

/// How long a request waits for Python.
const PATIENCE: Duration = Duration::from_secs(30);
const THREADS: usize = 4;
/// How many requests may wait for a thread. One more is answered as not found.
const WAITING: usize = 1024;

type AssetCallback = Box<dyn FnOnce(&Bound<'_, PyAny>) -> PyResult<()> + Send>;

/// The key to get, or `None` for all keys; and the function that takes the answer.
type AssetRequest = (Option<String>, AssetResponder);

/// The requests of one object, for the threads that call the object.
#[pyclass(frozen, module = "transom._native")]
struct Requests(Receiver<AssetRequest>);

#[pymethods]
impl Requests {
    /// Waits, without the GIL, for the next request: `(key, answer)`. The key `None` asks for all
    /// keys. `None`: no more requests come.
    fn take(&self, py: Python<'_>) -> Option<AssetRequest> {
        gil::detach(py, || self.0.recv()).ok()
    }
}

/// Takes the answer. If it is never called, the request counts as not found.
#[pyclass(frozen, module = "transom._native")]
struct AssetResponder(Mutex<Option<AssetCallback>>);

#[pymethods]
impl AssetResponder {
    /// `TypeError` if the answer has the wrong type.
    fn __call__(&self, found: &Bound<'_, PyAny>) -> PyResult<()> {
        let _visit = gil::visit(found.py());
        let take = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        take.map_or(Ok(()), |take| take(found))
    }
}

/// The assets of a Python object, as Tauri uses them.
pub(crate) struct PythonAssets {
    object: Py<PyAny>,
    requests: Sender<AssetRequest>,
    policy: PagePolicy,
}

impl fmt::Debug for PythonAssets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PythonAssets").finish_non_exhaustive()
    }
}

impl PythonAssets {
    /// `TypeError` when `object` lacks `get`.
    pub(crate) fn new(object: &Bound<'_, PyAny>, policy: PagePolicy) -> PyResult<Self> {
        if object.getattr_opt("get")?.is_none() {
            return Err(PyTypeError::new_err(format!(
                "assets need a method `get(key)`: make a subclass of `transom.Assets`, got {}",
                object.get_type().name()?
            )));
        }
        let (requests, waiting) = bounded(WAITING);
        let py = object.py();
        py.import("transom._app.assets")?
            .call_method1("serve", (object, Requests(waiting), THREADS))?;
        Ok(Self {
            object: object.clone().unbind(),
            requests,
            policy,
        })
    }

    /// Asks the object for `key`, or for all keys, and converts the answer with `read`. The thread
    /// that calls the object logs errors.
    fn ask<T: Send + 'static>(
        &self,
        key: Option<String>,
        read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T> + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        let take: AssetCallback = Box::new(move |found| {
            // Nobody waits any more: the answer came too late.
            let _ = answer.send(read(found)?);
            Ok(())
        });
        let request = (key, AssetResponder(Mutex::new(Some(take))));
        if self.requests.try_send(request).is_err() {
            log::warn!("an asset was not read: {WAITING} requests wait already");
            return None;
        }
        while_blocking(|| answered.recv_timeout(PATIENCE)).ok()
    }

    fn read(&self, key: &str) -> Option<Vec<u8>> {
        let bytes = self.ask(Some(key.to_owned()), |found| {
            if found.is_none() {
                return Ok(None);
            }
            bytes_of(found).map(Some)
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
    /// Called on the UI thread, before windows are served.
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
                    threads::log_exception(py, "`setup` of the assets failed", &err);
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
        let found = self.ask(None, |found| {
            let mut all = Vec::new();
            for entry in found.try_iter()? {
                let (key, bytes): (Bound<'_, PyString>, Bound<'_, PyAny>) = entry?.extract()?;
                all.push((key.to_string(), bytes_of(&bytes)?));
            }
            Ok(all)
        });
        let all = found.unwrap_or_default().into_iter();
        Box::new(all.map(|(key, bytes)| (Cow::Owned(key), Cow::Owned(bytes))))
    }

    /// No hashes: inline scripts carry a nonce instead.
    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}
