//! A channel that the page opened: messages in order, JSON and bytes mixed.

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyString},
};

use super::{
    errors::{check_json, window_closed},
    gil,
    own::{Own, check_process},
    webview::Webview,
};
use crate::{
    actors::{ChannelMessage, PageChannel},
    ipc::WebviewChannel,
};

const PREFIX: &str = "__CHANNEL__:";

/// The id of a channel, as the page sends it. The generic form is `transom.ipc`'s.
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
        check_process()?;
        let webview = webview.0.clone();
        let window = webview.label().to_owned();
        let channel = gil::detach(py, || WebviewChannel::open(self.0, webview));
        Channel::new(py, self.0, &window, channel.map(|it| Box::new(it) as _))
    }

    fn __str__(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }
}

/// Sends to the page. Dropping the last reference ends it on the page.
#[pyclass(frozen, module = "transom._native")]
pub(super) struct Channel {
    number: u32,
    window: String,
    channel: Own<Box<dyn PageChannel>>,
}

impl Channel {
    /// `WindowClosed` without a channel.
    pub(super) fn new(
        py: Python<'_>,
        number: u32,
        window: &str,
        channel: Option<Box<dyn PageChannel>>,
    ) -> PyResult<Self> {
        let window = window.to_owned();
        match channel {
            Some(channel) => Ok(Self {
                number,
                window,
                channel: Own::new(channel),
            }),
            None => Err(gone(py, &window)),
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

    /// Sends JSON text (`str`) or bytes (an `ArrayBuffer` on the page), in order, never waits.
    /// `WindowClosed` when the window is gone.
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
        if gil::detach(py, || channel.send(message)) {
            Ok(())
        } else {
            Err(gone(py, &self.window))
        }
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<JavaScriptChannelId>()?;
    module.add_class::<Channel>()
}
