//! Defines the methods of `WebviewWindow` and `Window` for the frame: its events, screens and end.

use pyo3::prelude::*;

use crate::python::window::{
    handlers::WindowHandlers, webview::Window, webview_window::WebviewWindow,
};
use crate::python::{
    callbacks::callback::Callback, convert::checked::Finite, values::geometry::monitor::Monitor,
};

macro_rules! of_frames {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// Call `handler(event)` off the UI thread for each event of this window.
            ///
            /// A plain handler runs on the callback thread, in order; an `async def` one on the
            /// portal. What it raises is logged. A close request waits for the handlers, up to 5 s:
            /// the window stays when one of them calls `event.api.prevent_close()`.
            #[pyo3(signature = (handler, /))]
            fn on_window_event(&self, py: Python<'_>, handler: &Bound<'_, PyAny>) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                let callback = Callback::new(handler)?;
                own.ask(py, |window| {
                    WindowHandlers::of(&window.as_ref().window()).add(callback);
                    Ok(())
                })
            }

            fn current_monitor(&self, py: Python<'_>) -> PyResult<Option<Monitor>> {
                let own: &WebviewWindow = self.as_ref();
                let monitor = own.ask(py, |window| window.current_monitor())?;
                Ok(monitor.map(Into::into))
            }

            fn primary_monitor(&self, py: Python<'_>) -> PyResult<Option<Monitor>> {
                let own: &WebviewWindow = self.as_ref();
                let monitor = own.ask(py, |window| window.primary_monitor())?;
                Ok(monitor.map(Into::into))
            }

            #[pyo3(signature = (x, y, /))]
            fn monitor_from_point(
                &self,
                py: Python<'_>,
                x: Finite,
                y: Finite,
            ) -> PyResult<Option<Monitor>> {
                let own: &WebviewWindow = self.as_ref();
                let monitor = own.ask(py, |window| window.monitor_from_point(x.0, y.0))?;
                Ok(monitor.map(Into::into))
            }

            fn available_monitors(&self, py: Python<'_>) -> PyResult<Vec<Monitor>> {
                let own: &WebviewWindow = self.as_ref();
                let monitors = own.ask(py, |window| window.available_monitors())?;
                Ok(monitors.into_iter().map(Into::into).collect())
            }

            /// Ask the window to close: raises `CloseRequested` first.
            ///
            /// Returns once the UI thread has heard of it (10 s at most; at once on that thread
            /// itself). Where nobody is asked it is decided by then: the window is in no list any
            /// more.
            fn close(&self, py: Python<'_>) -> PyResult<()> {
                AsRef::<WebviewWindow>::as_ref(self).request_close(py)
            }

            /// Close the window without asking anyone. From here on it is in no list any more.
            fn destroy(&self, py: Python<'_>) -> PyResult<()> {
                AsRef::<WebviewWindow>::as_ref(self).destroy_now(py)
            }
        }
    )*};
}

of_frames!(WebviewWindow, Window);
