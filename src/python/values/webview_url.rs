//! Defines the Python class `WebviewUrl`: the address that a new window shows.

use pyo3::{exceptions::PyValueError, prelude::*};

use crate::{
    desktop::window_values::{is_address, wrong_address},
    python::convert::{checked::FilePath, errors::parse_url},
};

/// What a window shows.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum WebviewUrl {
    /// A path inside the frontend, such as `index.html`.
    App(FilePath),
    /// An absolute `http` or `https` URL.
    External(String),
    /// A URL of a scheme that the app serves itself.
    CustomProtocol(String),
}

impl TryFrom<WebviewUrl> for tauri::WebviewUrl {
    type Error = PyErr;

    fn try_from(url: WebviewUrl) -> PyResult<Self> {
        Ok(match url {
            WebviewUrl::App(path) => {
                let text = path.0.to_string_lossy();
                if !is_address(&text) {
                    return Err(PyValueError::new_err(wrong_address(&text)));
                }
                Self::App(path.0)
            }
            WebviewUrl::External(text) => Self::External(parse_url("url", &text)?),
            WebviewUrl::CustomProtocol(text) => Self::CustomProtocol(parse_url("url", &text)?),
        })
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WebviewUrl>()
}
