//! Defines the Python class `WebviewUrl`: the address that a new window shows.

use pyo3::prelude::*;

use crate::python::convert::{checked::FilePath, errors::parse_url};

/// `App(path)` inside the frontend, `External(url)` or `CustomProtocol(url)`.
#[pyclass(frozen, from_py_object, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) enum WebviewUrl {
    App(FilePath),
    External(String),
    CustomProtocol(String),
}

impl TryFrom<WebviewUrl> for tauri::WebviewUrl {
    type Error = PyErr;

    fn try_from(url: WebviewUrl) -> PyResult<Self> {
        Ok(match url {
            WebviewUrl::App(path) => Self::App(path.0),
            WebviewUrl::External(text) => Self::External(parse_url("url", &text)?),
            WebviewUrl::CustomProtocol(text) => Self::CustomProtocol(parse_url("url", &text)?),
        })
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<WebviewUrl>()
}
