//! Defines the Python channels: ordered messages to a channel that the page has opened.

use std::sync::Arc;

use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyString},
};

use tauri::Wry;

use super::room;
use crate::python::{
    convert::errors::{check_json, window_closed},
    executor::call::PythonCall,
    gil,
    own::Own,
    window::{webview::Webview, webview_window::WebviewWindow},
};
use crate::{
    actors::{Call, ChannelMessage, NoChannel, PageChannel},
    ipc::WebviewChannel,
};

const PREFIX: &str = "__CHANNEL__:";

/// The id of a channel, as the page sends it. `transom.ipc` has the generic form of this class.
#[pyclass(frozen, module = "transom._native")]
struct JavaScriptChannelId(u32);

#[pymethods]
impl JavaScriptChannelId {
    /// Reads `__CHANNEL__:<number>`; `ValueError` for anything else.
    #[staticmethod]
    #[pyo3(signature = (value, /))]
    fn from_str(value: &str) -> PyResult<Self> {
        let number = value.strip_prefix(PREFIX).and_then(|it| it.parse().ok());
        let wrong = || PyValueError::new_err("invalid channel string");
        number.map(Self).ok_or_else(wrong)
    }

    /// The number of the channel on its page.
    #[getter]
    fn number(&self) -> u32 {
        self.0
    }

    /// The channel on the page that sent this id.
    #[pyo3(signature = (webview, /))]
    fn channel_on(&self, py: Python<'_>, webview: &Webview) -> PyResult<Channel> {
        let own: &WebviewWindow = webview.as_ref();
        let open = |window: &tauri::WebviewWindow<Wry>| {
            WebviewChannel::open(self.0, window.as_ref().clone())
        };
        let channel = own.while_open(py, open)?;
        Channel::of_page(py, self.0, own.window.label(), channel)
    }

    fn __str__(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }
}

/// A channel to a page. It ends on the page when nobody has it any more: the last reference is
/// dropped, and the calls that have opened it have ended.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct Channel {
    number: u32,
    sender: Sender,
    channel: Own<Arc<dyn PageChannel>>,
}

/// The one who sends through a channel.
struct Sender {
    /// The label of the window that it sends to.
    window: String,
    /// The call that has opened the channel.
    call: Option<Arc<Call>>,
}

impl Channel {
    /// `WindowClosed` or `RuntimeError` without a channel.
    fn new(
        py: Python<'_>,
        number: u32,
        sender: Sender,
        channel: Result<Arc<dyn PageChannel>, NoChannel>,
    ) -> PyResult<Self> {
        match channel {
            Ok(channel) => Ok(Self {
                number,
                sender,
                channel: Own::new(channel),
            }),
            Err(NoChannel::Gone) => Err(gone(py, &sender.window)),
            Err(NoChannel::Ended) => Err(PyRuntimeError::new_err(
                "this channel has ended on its page, because nobody had it any more: keep what \
                 `channel_on` returns for as long as it is used, and send a new channel from the \
                 page with the next call",
            )),
        }
    }

    /// A channel that was opened on the page of a window, for no call in particular.
    pub(crate) fn of_page(
        py: Python<'_>,
        number: u32,
        window: &str,
        channel: Result<Arc<dyn PageChannel>, NoChannel>,
    ) -> PyResult<Self> {
        let sender = Sender {
            window: window.to_owned(),
            call: None,
        };
        Self::new(py, number, sender, channel)
    }

    /// Waits for room for a message. False: the window is gone.
    fn make_room(&self, py: Python<'_>, size: usize) -> PyResult<bool> {
        let Sender { window, call } = &self.sender;
        match self.channel.get()?.outgoing() {
            Some(way) => room::take(py, window, way, size, call.as_ref()),
            None => Ok(true),
        }
    }
}

fn gone(py: Python<'_>, window: &str) -> PyErr {
    window_closed(py, format!("the window `{window}` of this channel is gone"))
}

#[pymethods]
impl Channel {
    fn id(&self) -> u32 {
        self.number
    }

    /// Sends JSON text (`str`) or bytes (an `ArrayBuffer` on the page), in order. Waits while the
    /// page is far behind, or raises `PageBehind` on a thread that may not wait. `WindowClosed`
    /// when the window is gone.
    #[pyo3(signature = (data, /))]
    fn send(&self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let channel = self.channel.get()?;
        let message = if let Ok(text) = data.cast::<PyString>() {
            let text: String = text.extract()?;
            check_json("data", &text)?;
            ChannelMessage::Json(text)
        } else if let Ok(bytes) = data.cast::<PyBytes>() {
            ChannelMessage::Raw(bytes.as_bytes().to_vec())
        } else {
            return Err(PyTypeError::new_err(format!(
                "a channel sends JSON text (str) or bytes, got {}",
                data.get_type().name()?
            )));
        };
        let py = data.py();
        // While it waits, the interpreter may end.
        let _visit = gil::visit(py);
        if self.make_room(py, message.size())? && gil::detach(py, || channel.send(message)) {
            Ok(())
        } else {
            Err(gone(py, &self.sender.window))
        }
    }
}

/// These methods are here because a call does not depend on channels: a channel depends on its
/// call.
#[pymethods]
impl PythonCall {
    /// Opens the channel with this number on the page that called. `WindowClosed`: its window is
    /// gone. `RuntimeError`: the call has ended.
    fn open_channel(&self, py: Python<'_>, number: u32) -> PyResult<Channel> {
        let sender = Sender {
            window: self.call().request.window.to_string(),
            call: Some(Arc::clone(self.call())),
        };
        let opened = self.ask_guard(py, |guard| guard.open_channel(number))?;
        let ended = || PyRuntimeError::new_err("the call whose channel this is has ended");
        Channel::new(py, number, sender, opened.ok_or_else(ended)?)
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<JavaScriptChannelId>()?;
    module.add_class::<Channel>()
}
