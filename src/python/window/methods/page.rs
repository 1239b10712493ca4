//! Defines the methods of `WebviewWindow` and `Webview` for the page that they show.

use pyo3::{prelude::*, types::PyTuple};

use crate::python::window::{
    webview::Webview, webview_event::WebviewEvent, webview_window::WebviewWindow,
};
use crate::python::{
    callbacks::callback::Callback, convert::errors::parse_url, values::cookie::Cookie,
};

macro_rules! of_pages {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// The address the page has now.
            fn url(&self, py: Python<'_>) -> PyResult<String> {
                let own: &WebviewWindow = self.as_ref();
                Ok(own.ask(py, |window| window.url())?.into())
            }

            /// Leave for another address; `ValueError` for a bad one.
            #[pyo3(signature = (url, /))]
            fn navigate(&self, py: Python<'_>, url: &str) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                let url = parse_url("url", url)?;
                own.ask(py, |window| window.navigate(url))
            }

            /// Call `handler(event)` off the UI thread for each event of this window's page.
            #[pyo3(signature = (handler, /))]
            fn on_webview_event(
                &self,
                py: Python<'_>,
                handler: &Bound<'_, PyAny>,
            ) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                let callback = Callback::new(handler)?;
                let label = own.window.label().to_owned();
                own.ask(py, |window| {
                    window.on_webview_event(move |event| {
                        let event = WebviewEvent::from(event);
                        let key = event.conflates().map(|kind| callback.key(kind, &label));
                        callback.post(key, |py| PyTuple::new(py, [event.into_pyobject(py)?]), None);
                    });
                    Ok(())
                })
            }

            /// The cookies of the webview for all addresses, those that scripts cannot read
            /// included.
            fn cookies(&self, py: Python<'_>) -> PyResult<Vec<Cookie>> {
                let own: &WebviewWindow = self.as_ref();
                let cookies = own.ask(py, |window| window.cookies())?;
                Ok(cookies.into_iter().map(Cookie).collect())
            }

            /// The cookies that are sent to an address. `ValueError`: it is none.
            #[pyo3(signature = (url, /))]
            fn cookies_for_url(&self, py: Python<'_>, url: &str) -> PyResult<Vec<Cookie>> {
                let own: &WebviewWindow = self.as_ref();
                let url = parse_url("url", url)?;
                let cookies = own.ask(py, |window| window.cookies_for_url(url))?;
                Ok(cookies.into_iter().map(Cookie).collect())
            }
        }

        #[cfg(any(debug_assertions, feature = "wheel"))]
        #[pymethods]
        impl $class {
            fn open_devtools(&self, py: Python<'_>) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                own.ask(py, |window| {
                    window.open_devtools();
                    Ok(())
                })
            }

            fn close_devtools(&self, py: Python<'_>) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                own.ask(py, |window| {
                    window.close_devtools();
                    Ok(())
                })
            }

            fn is_devtools_open(&self, py: Python<'_>) -> PyResult<bool> {
                let own: &WebviewWindow = self.as_ref();
                own.ask(py, |window| Ok(window.is_devtools_open()))
            }
        }
    )*};
}

of_pages!(WebviewWindow, Webview);
