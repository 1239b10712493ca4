//! Events to the pages and to Rust.

use std::collections::HashSet;

use pyo3::{exceptions::PyTypeError, prelude::*};
use tauri::{Emitter as _, Manager as _};

use super::{
    delivery::{Audience, deliver, label_of},
    errors::{check_json, runtime_error},
    event_name::check_event_name,
    event_target::EventTarget,
    gil,
    manager::AnyManager,
};

/// Sends events. `payload` is a pydantic model; the `_str` forms take JSON text.
///
/// Where the manager may not reach every window, an event goes to the app's listeners and to the
/// windows within reach, and to no listener of another window.
#[pyclass(frozen, module = "transom")]
struct Emitter;

/// One event, checked and ready to go.
struct Emission {
    manager: AnyManager,
    event: String,
    json: String,
}

impl Emission {
    fn new(manager: AnyManager, event: String, json: String) -> PyResult<Self> {
        check_event_name(&event)?;
        Ok(Self {
            manager,
            event,
            json,
        })
    }

    fn of_text(manager: &Bound<'_, PyAny>, event: String, json: String) -> PyResult<Self> {
        check_json("payload", &json)?;
        Self::new(AnyManager::of(manager)?, event, json)
    }

    fn of_model(
        manager: &Bound<'_, PyAny>,
        event: String,
        payload: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let manager = AnyManager::of(manager)?;
        let json = json_of(payload)?;
        Self::new(manager, event, json)
    }

    fn send_to_all(self, py: Python<'_>) -> PyResult<()> {
        gil::detach(py, || match self.manager.restricted() {
            None => self.manager.app.emit_str(&self.event, self.json),
            Some(_) => self.deliver(&Audience::All),
        })
        .map_err(runtime_error)
    }

    fn send_to(self, py: Python<'_>, target: EventTarget) -> PyResult<()> {
        let target = tauri::EventTarget::from(target);
        if let Some(label) = label_of(&target) {
            self.manager.check(label)?;
        }
        gil::detach(py, || match self.manager.restricted() {
            None => self.manager.app.emit_str_to(target, &self.event, self.json),
            Some(_) => self.deliver(&Audience::of(target)),
        })
        .map_err(runtime_error)
    }

    /// Asks `filter` for every target within reach before Tauri takes its locks, not under them.
    fn send_to_chosen(self, filter: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = filter.py();
        // Whatever an `async def` gives is true: it would choose all.
        py.import("transom._signatures")?
            .call_method1("check_callback", (filter, "the filter", "target"))?;
        let labels = gil::detach(py, || self.manager.app.webview_windows().into_keys());
        let mut targets = vec![EventTarget::App()];
        for label in labels.filter(|label| self.manager.reaches(label)) {
            targets.extend(EventTarget::labelled(&label));
        }
        let mut chosen = Vec::new();
        for target in targets {
            if filter.call1((target.clone(),))?.is_truthy()? {
                chosen.push(tauri::EventTarget::from(target));
            }
        }
        gil::detach(py, || match self.manager.restricted() {
            None => {
                let chosen: HashSet<_> = chosen.into_iter().collect();
                let choose = |target: &tauri::EventTarget| chosen.contains(target);
                let app = &self.manager.app;
                app.emit_str_filter(&self.event, self.json, choose)
            }
            Some(_) => self.deliver(&Audience::Targets(chosen)),
        })
        .map_err(runtime_error)
    }

    fn deliver(&self, audience: &Audience) -> tauri::Result<()> {
        let reaches = |label: &str| self.manager.reaches(label);
        let app = &self.manager.app;
        deliver(app, &self.event, &self.json, audience, reaches)
    }
}

/// The JSON text of a model. `ValueError`: no page could read it.
pub(super) fn json_of(payload: &Bound<'_, PyAny>) -> PyResult<String> {
    let Some(dump) = payload.getattr_opt("model_dump_json")? else {
        return Err(PyTypeError::new_err(format!(
            "the payload must be a pydantic BaseModel, got {}; for JSON text there is the \
             method of the same name with `_str`",
            payload.get_type().name()?
        )));
    };
    let json: String = dump.call0()?.extract()?;
    check_json("payload", &json)?;
    Ok(json)
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
