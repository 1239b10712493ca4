//! Defines the methods of windows for their own state objects.

use pyo3::{prelude::*, types::PyType};

use crate::python::window::{
    handlers,
    states::{keep, missing},
    webview::{Webview, Window},
    webview_window::{WebviewWindow, check_open},
};
use crate::python::{app::manager::state_near, convert::errors::window_closed, gil};

impl WebviewWindow {
    fn manage_own(&self, state: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = state.py();
        let _visit = gil::visit(py);
        check_open(py, &self.window)?;
        let Some(states) = handlers::keep_states(py, &self.window.as_ref().window())? else {
            let label = self.window.label();
            return Err(window_closed(py, format!("the window `{label}` is closed")));
        };
        keep(&states, state)
    }

    fn own_or_of_app<'py>(&self, kind: &Bound<'py, PyType>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _visit = gil::visit(kind.py());
        check_open(kind.py(), &self.window)?;
        state_near(&self.window, kind)
    }
}

macro_rules! of_all {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// Keep `state` for its exact type until the window is gone.
            ///
            /// `False`, and no change, when the window has one of that type. `Manager.manage` keeps
            /// one for the whole app.
            #[pyo3(signature = (state, /))]
            fn manage(&self, state: &Bound<'_, PyAny>) -> PyResult<bool> {
                AsRef::<WebviewWindow>::as_ref(self).manage_own(state)
            }

            /// The object managed for `state_type`: the window's own, else that of the app.
            ///
            /// `ValueError` when there is none.
            #[pyo3(signature = (state_type, /))]
            fn state<'py>(
                &self,
                state_type: &Bound<'py, PyType>,
            ) -> PyResult<Bound<'py, PyAny>> {
                let own: &WebviewWindow = self.as_ref();
                own.own_or_of_app(state_type)?.ok_or_else(|| missing(state_type))
            }

            /// The same, or `None`.
            #[pyo3(signature = (state_type, /))]
            fn try_state<'py>(
                &self,
                state_type: &Bound<'py, PyType>,
            ) -> PyResult<Option<Bound<'py, PyAny>>> {
                AsRef::<WebviewWindow>::as_ref(self).own_or_of_app(state_type)
            }
        }
    )*};
}

of_all!(WebviewWindow, Webview, Window);
