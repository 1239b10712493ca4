//! Reads and refuses the arguments of windows like an app does, and asks whether a window may close.

use std::sync::Arc;

use pyo3::{prelude::*, types::PyDict};

use super::{TestPages, wrong};
use crate::python::{
    callbacks::{
        callback::is_async,
        close_question::{Asking, CloseDecision, Round, Veto},
    },
    convert::{
        checked::{Finite, Label},
        errors::parse_url,
    },
    own::{Own, check_process},
    values::{geometry::monitor::Monitor, webview_url::WebviewUrl},
    window::{
        building::{
            arguments::WindowArguments,
            builder::{read_config, taken},
        },
        methods::shared::WindowArgumentReader,
        window_event::{CloseRequestApi, WindowEvent},
    },
};

/// The address of the app's own pages.
const OWN: &str = "tauri://localhost";

#[pymethods]
impl WindowArgumentReader {
    #[staticmethod]
    #[pyo3(signature = (ignore, /))]
    fn set_ignore_cursor_events(ignore: bool) {
        let _ = ignore;
    }

    #[staticmethod]
    #[pyo3(signature = (url, /))]
    fn navigate(url: &str) -> PyResult<String> {
        Ok(parse_url("url", url)?.into())
    }

    #[staticmethod]
    #[pyo3(signature = (x, y, /))]
    fn monitor_from_point(x: Finite, y: Finite) -> (f64, f64) {
        (x.0, y.0)
    }

    /// Whether a handler is `async`.
    #[staticmethod]
    #[pyo3(signature = (handler, /))]
    fn handler(handler: &Bound<'_, PyAny>) -> PyResult<bool> {
        is_async(handler)
    }

    /// The address of a new window.
    #[staticmethod]
    #[pyo3(signature = (label, url, /))]
    fn build(label: Label, url: WebviewUrl) -> PyResult<String> {
        let _ = label;
        address(&url.try_into()?)
    }

    /// The keyword arguments of a new window.
    #[staticmethod]
    #[pyo3(signature = (**args))]
    fn arguments(args: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        WindowArguments::read(args, None).map(drop)
    }

    /// The label, the address and the entry, complete and as JSON, of a window of the
    /// configuration.
    #[staticmethod]
    #[pyo3(signature = (config, /))]
    fn from_config(config: &Bound<'_, PyAny>) -> PyResult<(String, String, String)> {
        let config = read_config(config)?;
        let text = serde_json::to_string(&config).map_err(wrong)?;
        Ok((config.label, address(&config.url)?, text))
    }

    /// The error for a label that is taken.
    #[staticmethod]
    fn taken(label: &str) -> PyErr {
        taken(label)
    }
}

fn address(url: &tauri::WebviewUrl) -> PyResult<String> {
    match url {
        tauri::WebviewUrl::App(path) if path.as_os_str() == "index.html" => Ok(OWN.into()),
        tauri::WebviewUrl::App(path) => {
            let joined = parse_url("url", OWN)?.join(&path.to_string_lossy());
            joined.map(Into::into).map_err(wrong)
        }
        url => Ok(url.to_string()),
    }
}

/// Asks the handlers of one window whether it may close.
#[pyclass(frozen, module = "transom._native", name = "CloseQuestion")]
struct TestCloseQuestion(Own<Arc<Asking>>);

#[pymethods]
impl TestCloseQuestion {
    /// What to do with a request to close the window, when it has so many handlers: a round to ask
    /// them in; `True`: it closes at once; `False`: an earlier request is being decided.
    fn request<'py>(&self, py: Python<'py>, handlers: usize) -> PyResult<Bound<'py, PyAny>> {
        let asking = self.0.get()?;
        match asking.request(handlers) {
            CloseDecision::Allow => Ok(true.into_pyobject(py)?.to_owned().into_any()),
            CloseDecision::Ignore => Ok(false.into_pyobject(py)?.to_owned().into_any()),
            CloseDecision::Ask(round) => {
                let round = TestCloseRound(Own::new(Arc::clone(asking)), round);
                Ok(round.into_pyobject(py)?.into_any())
            }
        }
    }
}

/// A close request about which handlers are asked.
#[pyclass(frozen, module = "transom._native", name = "CloseRound")]
struct TestCloseRound(Own<Arc<Asking>>, Round);

#[pymethods]
impl TestCloseRound {
    /// The event for the handlers.
    #[getter]
    fn event(&self) -> PyResult<WindowEvent> {
        let api = CloseRequestApi(Veto::of(self.0.get()?, self.1));
        Ok(WindowEvent::CloseRequested { api })
    }

    /// Notes that a handler has ended, however.
    fn answered(&self) -> PyResult<()> {
        drop(self.0.get()?.done(self.1));
        Ok(())
    }
}

#[pymethods]
impl TestPages {
    /// The question whether a window may close. When nobody objects, an answer `null` with `token`
    /// comes through the inbox.
    fn close_question(&self, token: u64) -> PyResult<TestCloseQuestion> {
        check_process()?;
        let post = Arc::clone(&self.post);
        let act = move || post.answer(token, Ok(String::from("null").into()));
        Ok(TestCloseQuestion(Own::new(Asking::new(act, || {}))))
    }
}

/// The screen of the windows of tests.
#[pyfunction]
#[pyo3(signature = (name, size, /))]
fn screen(name: &str, size: (u32, u32)) -> Monitor {
    Monitor::plain(name, size)
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Under another name than its own, which is the real window's.
    module.add(
        "WindowArgumentReader",
        module.py().get_type::<WindowArgumentReader>(),
    )?;
    module.add_class::<TestCloseQuestion>()?;
    module.add_class::<TestCloseRound>()?;
    module.add_function(wrap_pyfunction!(screen, module)?)
}
