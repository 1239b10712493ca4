//! Runs an app without a display, for `transom.testing`.
//!
//! What its pages send goes in as frames, and the answers come out of an inbox. Everything from
//! `src/ipc/handler.rs` on is the real code.

mod windows;

use std::sync::{Arc, Weak};

use pyo3::{exceptions::PyValueError, prelude::*};
use tauri::{
    http::{HeaderMap, HeaderName, HeaderValue},
    ipc::{InvokeBody, InvokeResponseBody},
};

use super::python_host::PythonHost;
#[cfg(feature = "wheel")]
use crate::python::logging::warn;
use crate::python::{
    convert::errors::check_json,
    events::channel::Channel,
    executor::inbox::{Inbox, Post},
    gil,
    own::{Own, check_process},
};
use crate::{
    actors::{Amount, ChannelMessage, Epoch, NoChannel, Origin, Outgoing, PageChannel, Scope},
    host::Host,
    ipc::{self, PageFrame},
};

/// The scope of a page.
#[pyclass(frozen, module = "transom._native", name = "Scope")]
struct TestScope(Arc<Scope>);

#[pymethods]
impl TestScope {
    /// The scope of these entries of capability files. Both are JSON lists.
    #[new]
    fn new(allow: &str, deny: &str) -> PyResult<Self> {
        let (allow, deny): (Vec<_>, Vec<_>) = (parse(allow)?, parse(deny)?);
        let scope = ipc::scope_of_entries(&allow, &deny);
        Ok(Self(Arc::new(scope)))
    }

    /// Why a command that the window `own` called may not reach the window `label`; `"*"` stands
    /// for every window. `None`: it may.
    fn denial(&self, own: &str, label: &str) -> Option<String> {
        let reaches = match label {
            "*" => self.0.allows_every_window(),
            label => label == own || self.0.allows_window(label),
        };
        (!reaches).then(|| self.0.window_denied(own, label))
    }
}

#[cfg(feature = "wheel")]
/// Capabilities, resolved like those of an app.
#[pyclass(frozen, module = "transom._native", name = "Authority")]
struct TestAuthority(crate::context::Authority);

#[cfg(feature = "wheel")]
impl TestAuthority {
    fn new(
        py: Python<'_>,
        resolved: Result<crate::context::Authority, impl std::fmt::Display>,
    ) -> PyResult<Self> {
        let authority = resolved.map_err(wrong)?;
        warn(py, &authority.warnings)?;
        Ok(Self(authority))
    }
}

#[cfg(feature = "wheel")]
#[pymethods]
impl TestAuthority {
    /// The capabilities that an app started from `folder` would have.
    #[staticmethod]
    fn of_folder(py: Python<'_>, folder: std::path::PathBuf) -> PyResult<Self> {
        Self::new(py, crate::context::Authority::of_folder(&folder))
    }

    /// The capabilities of a JSON text: one, or a list of them, as in a capability file.
    #[staticmethod]
    fn of_json(py: Python<'_>, capabilities: &str) -> PyResult<Self> {
        Self::new(py, crate::context::Authority::of_json(capabilities))
    }

    /// The scope of a window. `None`: Tauri refuses whatever it sends to Python.
    #[pyo3(signature = (label, url=None))]
    fn scope(&self, label: &str, url: Option<&str>) -> PyResult<Option<TestScope>> {
        let scope = self.0.scope(label, url).map_err(wrong)?;
        Ok(scope.map(|scope| TestScope(Arc::new(scope))))
    }

    /// The windows that the app opens at its start: JSON, one text for each.
    fn windows(&self) -> PyResult<Vec<String>> {
        let windows = self.0.windows.iter();
        windows
            .map(|window| serde_json::to_string(window).map_err(wrong))
            .collect()
    }

    /// The tray icon that the app makes at its start, as JSON, if any.
    fn tray_icon(&self) -> PyResult<Option<String>> {
        let tray = self.0.tray_icon.as_ref();
        tray.map(|tray| serde_json::to_string(tray).map_err(wrong))
            .transpose()
    }
}

/// The pages of an app without a display.
#[pyclass(frozen, module = "transom._native")]
struct TestPages {
    host: Own<Arc<Host>>,
    inbox: Py<Inbox>,
    post: Arc<Post>,
}

impl TestPages {
    /// Sends a frame. Its answer arrives through the inbox, with `token`.
    fn send(
        &self,
        py: Python<'_>,
        (token, window): (u64, &str),
        (headers, payload): (&HeaderMap, &InvokeBody),
        send: impl FnOnce(PageFrame<'_>) + Send,
    ) {
        let post = Arc::clone(&self.post);
        let frame = PageFrame {
            window,
            headers,
            payload,
            answer: Box::new(move |answer| post.answer(token, answer)),
            after: Box::new(drop),
        };
        gil::detach(py, || send(frame));
    }

    fn send_json(
        &self,
        py: Python<'_>,
        to: (u64, &str),
        args: &str,
        send: impl FnOnce(PageFrame<'_>) + Send,
    ) -> PyResult<()> {
        let payload = InvokeBody::Json(parse(args)?);
        self.send(py, to, (&HeaderMap::new(), &payload), send);
        Ok(())
    }
}

/// A channel of a test's page. Its messages arrive through the inbox, with its number as token.
struct TestChannel {
    host: Weak<Host>,
    post: Arc<Post>,
    window: String,
    number: u32,
}

/// A page of a test. Its events arrive through the inbox, with the token 0.
struct TestPage {
    host: Weak<Host>,
    post: Arc<Post>,
    window: String,
}

const EVENTS: u64 = 0;

impl ipc::Page for TestPage {
    fn open_channel(&self, number: u32) -> Result<Arc<dyn PageChannel>, NoChannel> {
        let host = self.host.upgrade().ok_or(NoChannel::Gone)?;
        host.bridge.channels.open(&self.window, number, || {
            Arc::new(TestChannel {
                host: Weak::clone(&self.host),
                post: Arc::clone(&self.post),
                window: self.window.clone(),
                number,
            })
        })
    }

    fn emit(&self, event: &str, payload: &str) -> bool {
        let text = serde_json::json!([self.window, event, payload]).to_string();
        self.post.answer(EVENTS, Ok(InvokeResponseBody::Json(text)));
        true
    }

    /// Does nothing: no message is lost on the way to a test.
    fn tell_lost(&self) {}

    /// Does nothing: a test's window has no client that keeps calls.
    fn begin_anew(&self, _: Epoch) {}

    /// Answers at once: a test keeps whatever it is sent.
    fn confirm(&self, tell: Box<dyn FnOnce(Amount) + Send>) {
        tell(Amount::default());
    }

    /// Runs no script: a test's page is never sent one.
    fn run(&self, _: String) -> bool {
        true
    }
}

impl PageChannel for TestChannel {
    fn outgoing(&self) -> Option<&Arc<Outgoing>> {
        None
    }

    fn send(&self, message: ChannelMessage) -> bool {
        let host = self.host.upgrade();
        let there = host.is_some_and(|host| host.bridge.has_webview(&self.window));
        if there {
            self.post.answer(self.number.into(), Ok(message.into()));
        }
        there
    }
}

impl Drop for TestChannel {
    fn drop(&mut self) {
        if let Some(host) = self.host.upgrade() {
            host.bridge.channels.end(&self.window, self.number);
        }
    }
}

#[pymethods]
impl TestPages {
    #[new]
    fn new(py: Python<'_>, host: &PythonHost) -> PyResult<Self> {
        let (inbox, post) = Inbox::open(0)?;
        Ok(Self {
            host: Own::new(Arc::clone(host.get()?)),
            inbox: Py::new(py, inbox)?,
            post,
        })
    }

    /// The inbox with the answers: `(token, "json" | "raw" | "error", value)`.
    #[getter]
    fn inbox(&self, py: Python<'_>) -> Py<Inbox> {
        self.inbox.clone_ref(py)
    }

    /// Opens a window.
    fn open(&self, py: Python<'_>, label: &str) -> PyResult<()> {
        let host = self.host.get()?;
        gil::detach(py, || host.system.open_window(label));
        let page = TestPage {
            host: Arc::downgrade(host),
            post: Arc::clone(&self.post),
            window: label.to_owned(),
        };
        host.bridge.add_webview(label, Arc::new(page));
        Ok(())
    }

    /// Starts another document in a window.
    fn page_started(&self, py: Python<'_>, label: &str) -> PyResult<()> {
        let host = self.host.get()?;
        gil::detach(py, || host.page_started(label));
        Ok(())
    }

    /// Destroys a window.
    fn close(&self, py: Python<'_>, label: &str) -> PyResult<()> {
        let host = self.host.get()?;
        gil::detach(py, || host.close_window(label));
        Ok(())
    }

    /// Sends a call: the frame's headers, its head among them, and the body's bytes.
    fn call(
        &self,
        py: Python<'_>,
        token: u64,
        label: &str,
        scope: &TestScope,
        headers: Vec<(String, Vec<u8>)>,
        body: Vec<u8>,
    ) -> PyResult<()> {
        let (system, scope) = (&self.host.get()?.system, Arc::clone(&scope.0));
        let (headers, payload) = (header_map(headers)?, InvokeBody::Raw(body));
        self.send(py, (token, label), (&headers, &payload), |frame| {
            ipc::call(system, frame, scope);
        });
        Ok(())
    }

    /// Sends a control frame, from a document of the app itself or of the remote `origin`.
    #[pyo3(signature = (token, label, scope, args, origin=None))]
    fn control(
        &self,
        py: Python<'_>,
        token: u64,
        label: &str,
        scope: &TestScope,
        args: &str,
        origin: Option<String>,
    ) -> PyResult<()> {
        let Host { system, bridge, .. } = &**self.host.get()?;
        self.send_json(py, (token, label), args, |frame| {
            let origin = || origin.map_or(Origin::Local, Origin::Remote);
            ipc::control(bridge, system, frame, origin, || Arc::clone(&scope.0));
        })
    }

    /// Sends a pull.
    fn pull(&self, py: Python<'_>, token: u64, label: &str, args: &str) -> PyResult<()> {
        let bridge = &self.host.get()?.bridge;
        self.send_json(py, (token, label), args, |frame| {
            ipc::pull(bridge, frame);
        })
    }

    /// Asks for the next items of a stream.
    fn next(&self, py: Python<'_>, token: u64, label: &str, args: &str) -> PyResult<()> {
        let system = &self.host.get()?.system;
        self.send_json(py, (token, label), args, |frame| {
            ipc::next(system, frame);
        })
    }

    /// The channel with this number on the page of a window.
    fn channel(&self, py: Python<'_>, label: &str, number: u32) -> PyResult<Channel> {
        let bridge = &self.host.get()?.bridge;
        let opened = gil::detach(py, || {
            let page = bridge.page(label).ok_or(NoChannel::Gone)?;
            page.open_channel(number)
        });
        Channel::of_page(py, number, label, opened)
    }

    /// Puts an answer `null` into the inbox. May be called from any thread.
    fn tell(&self, token: u64) -> PyResult<()> {
        check_process()?;
        self.post.answer(token, Ok(String::from("null").into()));
        Ok(())
    }
}

fn wrong(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn parse<'a, T: serde::Deserialize<'a>>(json: &'a str) -> PyResult<T> {
    serde_json::from_str(json).map_err(wrong)
}

fn header_map(headers: Vec<(String, Vec<u8>)>) -> PyResult<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(wrong)?;
        map.append(name, HeaderValue::from_bytes(&value).map_err(wrong)?);
    }
    Ok(map)
}

/// Refuses text that no page could read. `what` names the argument.
#[pyfunction]
#[pyo3(name = "check_json", signature = (what, text, /))]
fn py_check_json(what: &str, text: &str) -> PyResult<()> {
    check_json(what, text)
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<TestScope>()?;
    #[cfg(feature = "wheel")]
    module.add_class::<TestAuthority>()?;
    module.add_function(wrap_pyfunction!(py_check_json, module)?)?;
    module.add_class::<TestPages>()?;
    windows::register(module)
}
