//! A channel that the page opened: messages in order, JSON and bytes mixed.

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyString},
};
use tauri::{Manager as _, Wry, ipc::InvokeResponseBody};

use super::{
    errors::{check_json, runtime_error, window_closed},
    gil,
    webview::Webview,
};

/// The id of a channel, as the page sends it. The generic form is `transom.ipc`'s.
#[pyclass(frozen, module = "transom._native")]
struct JavaScriptChannelId {
    id: tauri::ipc::JavaScriptChannelId,
    text: String,
}

#[pymethods]
impl JavaScriptChannelId {
    /// Reads `__CHANNEL__:<number>`; `ValueError` for anything else.
    #[staticmethod]
    #[pyo3(signature = (value, /))]
    fn from_str(value: String) -> PyResult<Self> {
        let id = value
            .parse()
            .map_err(|_| PyValueError::new_err("invalid channel string"))?;
        Ok(Self { id, text: value })
    }

    /// The channel on the page that sent this id.
    #[pyo3(signature = (webview, /))]
    fn channel_on(&self, py: Python<'_>, webview: &Webview) -> Channel {
        let webview = webview.0.clone();
        Channel {
            channel: gil::detach(py, || self.id.channel_on(webview.clone())),
            webview,
        }
    }

    fn __str__(&self) -> &str {
        &self.text
    }
}

/// Sends to the page. Dropping the last reference ends it on the page.
#[pyclass(frozen, module = "transom._native")]
struct Channel {
    channel: tauri::ipc::Channel,
    webview: tauri::Webview<Wry>,
}

#[pymethods]
impl Channel {
    fn id(&self) -> u32 {
        self.channel.id()
    }

    /// Sends JSON text (`str`) or bytes (an `ArrayBuffer` on the page), in order, never waits.
    /// `WindowClosed` when the window is gone.
    #[pyo3(signature = (data, /))]
    fn send(&self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let body = if let Ok(text) = data.cast::<PyString>() {
            let text: String = text.extract()?;
            check_json("data", &text)?;
            InvokeResponseBody::Json(text)
        } else if let Ok(bytes) = data.cast::<PyBytes>() {
            InvokeResponseBody::Raw(bytes.as_bytes().to_vec())
        } else {
            return Err(PyTypeError::new_err(format!(
                "a channel sends JSON text (str) or bytes, got {}",
                data.get_type().name()?
            )));
        };
        let py = data.py();
        let label = self.webview.label();
        // Tauri takes a message to a window that is gone, and drops it on the way.
        if gil::detach(py, || self.webview.get_webview_window(label)).is_none() {
            let text = format!("the window `{label}` of this channel is gone");
            return Err(window_closed(py, text));
        }
        gil::detach(py, || self.channel.send(body)).map_err(runtime_error)
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<JavaScriptChannelId>()?;
    module.add_class::<Channel>()
}
