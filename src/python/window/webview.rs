//! Defines the Python classes `Webview` and `Window`: the page's side of a window, and the other.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

use pyo3::{exceptions::PyTypeError, prelude::*};

use super::webview_window::WebviewWindow;
use crate::python::{
    convert::checked::{Rgba, color_of},
    own::check_process,
};

/// The page's side of a window: what a `WebviewWindow` can do with its page, and nothing else.
///
/// A manager, like a window. Its methods raise what those of `WebviewWindow` raise.
#[pyclass(frozen, module = "transom.webview")]
pub(crate) struct Webview(WebviewWindow);

/// A window without its page: what a `WebviewWindow` can do with its frame, and nothing else.
///
/// A manager, like a `WebviewWindow`. Its methods raise what those raise.
#[pyclass(frozen, module = "transom.window")]
pub(crate) struct Window(WebviewWindow);

impl AsRef<WebviewWindow> for WebviewWindow {
    fn as_ref(&self) -> &WebviewWindow {
        self
    }
}

impl AsRef<WebviewWindow> for Webview {
    fn as_ref(&self) -> &WebviewWindow {
        &self.0
    }
}

impl AsRef<WebviewWindow> for Window {
    fn as_ref(&self) -> &WebviewWindow {
        &self.0
    }
}

/// The window of a Python object of one of the three classes. `None`: it is something else.
pub(crate) fn window_in<'a>(object: &'a Bound<'_, PyAny>) -> Option<&'a WebviewWindow> {
    if let Ok(window) = object.cast::<WebviewWindow>() {
        return Some(window.get());
    }
    if let Ok(webview) = object.cast::<Webview>() {
        return Some(webview.get().as_ref());
    }
    object.cast::<Window>().ok().map(|it| it.get().as_ref())
}

/// An argument of any of the three classes.
pub(crate) struct AnyWindow(pub(crate) WebviewWindow);

impl FromPyObject<'_, '_> for AnyWindow {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let found = window_in(&object).map(|window| Self(window.again()));
        found.ok_or_else(|| {
            let kind = object.get_type().name();
            let kind = kind.map_or_else(|_| "something else".into(), |kind| kind.to_string());
            PyTypeError::new_err(format!(
                "expected a WebviewWindow, a Window or a Webview, got {kind}"
            ))
        })
    }
}

/// What is the same for all three classes.
macro_rules! labelled {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            fn label(&self) -> PyResult<&str> {
                check_process()?;
                Ok(AsRef::<WebviewWindow>::as_ref(self).window.label())
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| {
                    let other: &WebviewWindow = other.get().as_ref();
                    other.window == AsRef::<WebviewWindow>::as_ref(self).window
                })
            }

            fn __hash__(&self) -> u64 {
                let mut hasher = DefaultHasher::new();
                AsRef::<WebviewWindow>::as_ref(self).window.label().hash(&mut hasher);
                hasher.finish()
            }

            fn __repr__(&self) -> String {
                let label = AsRef::<WebviewWindow>::as_ref(self).window.label();
                format!("<{} {label:?}>", stringify!($class))
            }
        }
    )*};
}

labelled!(WebviewWindow, Webview, Window);

#[pymethods]
impl WebviewWindow {
    /// The page alone, for `JavaScriptChannelId.channel_on`.
    fn as_ref_webview(&self, py: Python<'_>) -> PyResult<Webview> {
        self.ask(py, |_| Ok(Webview(self.again())))
    }
}

#[pymethods]
impl Webview {
    /// The window it is in.
    fn window(&self, py: Python<'_>) -> PyResult<Window> {
        self.0.ask(py, |_| Ok(Window(self.0.again())))
    }

    /// Where it is in its window, in device pixels.
    fn position(&self, py: Python<'_>) -> PyResult<(i32, i32)> {
        let place = self.0.ask(py, |window| window.as_ref().position())?;
        Ok(place.into())
    }

    /// How large it is, in device pixels.
    fn size(&self, py: Python<'_>) -> PyResult<(u32, u32)> {
        let size = self.0.ask(py, |window| window.as_ref().size())?;
        Ok(size.into())
    }

    /// Give it the focus within its window.
    fn set_focus(&self, py: Python<'_>) -> PyResult<()> {
        self.0.ask(py, |window| window.as_ref().set_focus())
    }

    #[pyo3(signature = (color, /))]
    fn set_background_color(&self, py: Python<'_>, color: Option<Rgba>) -> PyResult<()> {
        let color = color.map(color_of);
        self.0
            .ask(py, |window| window.as_ref().set_background_color(color))
    }
}

#[pymethods]
impl Window {
    #[pyo3(signature = (color, /))]
    fn set_background_color(&self, py: Python<'_>, color: Option<Rgba>) -> PyResult<()> {
        let color = color.map(color_of);
        self.0.ask(py, |window| {
            window.as_ref().window().set_background_color(color)
        })
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Webview>()?;
    module.add_class::<Window>()
}
