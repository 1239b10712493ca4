//! Events to the pages and to Rust.

use std::collections::HashSet;

use pyo3::{exceptions::PyTypeError, prelude::*};
use tauri::{Emitter as _, Manager as _, Wry};

use super::{
    errors::{check_json, runtime_error},
    event_name::check_event_name,
    event_target::EventTarget,
    gil,
    manager::app_handle_of,
};

/// Sends events. `payload` is a pydantic model; the `_str` forms take JSON text.
#[pyclass(frozen, module = "transom")]
struct Emitter;

/// One event, checked and ready to go.
struct Emission {
    app: tauri::AppHandle<Wry>,
    event: String,
    json: String,
}

impl Emission {
    fn new(manager: &Bound<'_, PyAny>, event: String, json: String) -> PyResult<Self> {
        check_event_name(&event)?;
        let app = app_handle_of(manager)?;
        Ok(Self { app, event, json })
    }

    fn of_text(manager: &Bound<'_, PyAny>, event: String, json: String) -> PyResult<Self> {
        check_json("payload", &json)?;
        Self::new(manager, event, json)
    }

    fn of_model(
        manager: &Bound<'_, PyAny>,
        event: String,
        payload: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let Some(dump) = payload.getattr_opt("model_dump_json")? else {
            return Err(PyTypeError::new_err(format!(
                "the payload must be a pydantic BaseModel, got {}; for JSON text there is the \
                 method of the same name with `_str`",
                payload.get_type().name()?
            )));
        };
        Self::new(manager, event, dump.call0()?.extract()?)
    }

    fn send_to_all(self, py: Python<'_>) -> PyResult<()> {
        gil::detach(py, || self.app.emit_str(&self.event, self.json)).map_err(runtime_error)
    }

    fn send_to(self, py: Python<'_>, target: EventTarget) -> PyResult<()> {
        gil::detach(py, || {
            self.app
                .emit_str_to(tauri::EventTarget::from(target), &self.event, self.json)
        })
        .map_err(runtime_error)
    }

    /// Asks `filter` for every target there is before Tauri takes its locks, not under them.
    fn send_to_chosen(self, filter: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = filter.py();
        let labels = gil::detach(py, || self.app.webview_windows().into_keys());
        let mut targets = vec![EventTarget::App()];
        for label in labels {
            targets.extend([
                EventTarget::AnyLabel {
                    label: label.clone(),
                },
                EventTarget::Window {
                    label: label.clone(),
                },
                EventTarget::Webview {
                    label: label.clone(),
                },
                EventTarget::WebviewWindow { label },
            ]);
        }
        let mut chosen = HashSet::new();
        for target in targets {
            if filter.call1((target.clone(),))?.is_truthy()? {
                chosen.insert(tauri::EventTarget::from(target));
            }
        }
        gil::detach(py, || {
            let choose = |target: &tauri::EventTarget| chosen.contains(target);
            self.app.emit_str_filter(&self.event, self.json, choose)
        })
        .map_err(runtime_error)
    }
}

#[pymethods]
impl Emitter {
    /// Sends `event` to everyone.
    #[staticmethod]
    #[pyo3(signature = (slf, event, payload, /))]
    fn emit(slf: &Bound<'_, PyAny>, event: String, payload: &Bound<'_, PyAny>) -> PyResult<()> {
        Emission::of_model(slf, event, payload)?.send_to_all(slf.py())
    }

    #[staticmethod]
    #[pyo3(signature = (slf, event, payload, /))]
    fn emit_str(slf: &Bound<'_, PyAny>, event: String, payload: String) -> PyResult<()> {
        Emission::of_text(slf, event, payload)?.send_to_all(slf.py())
    }

    /// Sends `event` to `target`, and to listeners that name no target.
    #[staticmethod]
    #[pyo3(signature = (slf, target, event, payload, /))]
    fn emit_to(
        slf: &Bound<'_, PyAny>,
        target: EventTarget,
        event: String,
        payload: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        Emission::of_model(slf, event, payload)?.send_to(slf.py(), target)
    }

    #[staticmethod]
    #[pyo3(signature = (slf, target, event, payload, /))]
    fn emit_str_to(
        slf: &Bound<'_, PyAny>,
        target: EventTarget,
        event: String,
        payload: String,
    ) -> PyResult<()> {
        Emission::of_text(slf, event, payload)?.send_to(slf.py(), target)
    }

    /// Sends `event` to the targets for which `filter(target)` is true, and to listeners that
    /// name no target. `filter` runs here and now, for the app and every open window.
    #[staticmethod]
    #[pyo3(signature = (slf, event, payload, filter, /))]
    fn emit_filter(
        slf: &Bound<'_, PyAny>,
        event: String,
        payload: &Bound<'_, PyAny>,
        filter: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        Emission::of_model(slf, event, payload)?.send_to_chosen(filter)
    }

    #[staticmethod]
    #[pyo3(signature = (slf, event, payload, filter, /))]
    fn emit_str_filter(
        slf: &Bound<'_, PyAny>,
        event: String,
        payload: String,
        filter: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        Emission::of_text(slf, event, payload)?.send_to_chosen(filter)
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Emitter>()
}
