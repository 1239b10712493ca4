//! Defines the Python mixin `Emitter`, which sends events to pages and to listeners in Rust.

use std::collections::HashSet;

use pyo3::{exceptions::PyTypeError, prelude::*, sync::PyOnceLock};
use tauri::{AppHandle, Emitter as _, Manager as _};

use super::{
    event_name::check_event_name,
    event_target::EventTarget,
    listening, room,
    targeted::{Audience, deliver, label_of},
};
use crate::{
    ipc::json::is_expression,
    python::{
        app::manager::AnyManager,
        callbacks::callback::check_returned,
        convert::errors::{check_json, runtime_error},
        gil,
    },
};

/// Sends events.
///
/// Where the manager (a command's `app_handle`) may not reach every window, an event goes to the
/// app's listeners and to the windows within reach, and no listener of another window hears it; a
/// target beyond reach raises `PermissionError`.
///
/// A page that is far behind loses an event, when it has taken nothing for a second, or when nobody
/// may wait where the event is sent: on an event loop, in a plain callback, on the UI thread.
///
/// `payload` is a pydantic model; the `_str` forms take JSON text. Every method raises
/// `ValueError` for an event name with other characters than letters, digits, `-`, `/`, `:`
/// and `_`, or for a text that is not JSON.
#[pyclass(frozen, module = "transom")]
struct Emitter;

/// An event that was checked and can be sent.
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
        self.send(py, &Audience::All, |app, event, json| {
            app.emit_str(event, json)
        })
    }

    fn send_to(self, py: Python<'_>, target: EventTarget) -> PyResult<()> {
        let target = tauri::EventTarget::from(target);
        if let Some(label) = label_of(&target) {
            self.manager.check(label)?;
        }
        let audience = Audience::of(target.clone());
        self.send(py, &audience, |app, event, json| {
            app.emit_str_to(target, event, json)
        })
    }

    /// Calls `filter` for every target within reach, before Tauri takes its locks and not while it
    /// has them.
    fn send_to_chosen(self, filter: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = filter.py();
        // Whatever an `async def` gives is true: it would choose all.
        py.import("transom._commands.signatures")?
            .call_method1("check_callback", (filter, "the filter", "target"))?;
        let labels = gil::detach(py, || self.manager.app.webview_windows().into_keys());
        let mut targets = vec![EventTarget::App()];
        for label in labels.filter(|label| self.manager.reaches(label)) {
            targets.extend(EventTarget::labelled(&label));
        }
        let mut chosen = Vec::new();
        for target in targets {
            let answer = filter.call1((target.clone(),))?;
            check_returned(filter, &answer)?;
            if answer.is_truthy()? {
                chosen.push(tauri::EventTarget::from(target));
            }
        }
        let audience = Audience::Targets(chosen.clone());
        self.send(py, &audience, |app, event, json| {
            let chosen: HashSet<_> = chosen.into_iter().collect();
            app.emit_str_filter(event, json, |target| chosen.contains(target))
        })
    }

    /// Sends the event with Tauri's `by_tauri`. If some windows are out of reach, or their pages
    /// have no room, it goes only to the others. Tauri puts the payload into scripts as it stands, so
    /// one that a script would read as something else does not go that way either.
    fn send(
        self,
        py: Python<'_>,
        audience: &Audience,
        by_tauri: impl FnOnce(&AppHandle, &str, String) -> tauri::Result<()> + Send,
    ) -> PyResult<()> {
        let Self {
            manager,
            event,
            json,
        } = self;
        let (manager, event) = (&manager, event.as_str());
        let (app, size) = (&manager.app, json.len());
        let reaches = |label: &str| manager.reaches(label);
        let hears = |target: &tauri::EventTarget| {
            label_of(target).is_none_or(reaches) && audience.takes_in(target)
        };
        let as_it_stands = is_expression(&json);
        let rooms = room::Rooms::of(py, app, size, reaches)?;
        let send = move || {
            let by_itself = rooms.some_are_behind || manager.restricted().is_some();
            let sent = if by_itself || !as_it_stands {
                let has_room = |label: &str| rooms.of_window(label);
                deliver(app, event, &json, audience, has_room, reaches)
            } else {
                by_tauri(app, event, json)
            };
            rooms.given();
            sent
        };
        listening::send_patiently(py, event, size, hears, send)?.map_err(runtime_error)
    }
}

/// The JSON text of a model. `ValueError`: no page could read it.
pub(crate) fn json_of(payload: &Bound<'_, PyAny>) -> PyResult<String> {
    static WRITE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = payload.py();
    if !payload.hasattr("model_dump_json")? {
        return Err(PyTypeError::new_err(format!(
            "the payload must be a pydantic BaseModel, got {}; for JSON text there is the \
             method of the same name with `_str`",
            payload.get_type().name()?
        )));
    }
    let write = WRITE.import(py, "transom._values.models", "json_of")?;
    let json: String = write.call1((payload,))?.extract()?;
    check_json("payload", &json)?;
    Ok(json)
}

#[pymethods]
impl Emitter {
    /// Send `event` to everyone.
    #[staticmethod]
    #[pyo3(signature = (slf, event, payload, /))]
    fn emit(slf: &Bound<'_, PyAny>, event: String, payload: &Bound<'_, PyAny>) -> PyResult<()> {
        Emission::of_model(slf, event, payload)?.send_to_all(slf.py())
    }

    /// Send `event` to everyone.
    #[staticmethod]
    #[pyo3(signature = (slf, event, payload, /))]
    fn emit_str(slf: &Bound<'_, PyAny>, event: String, payload: String) -> PyResult<()> {
        Emission::of_text(slf, event, payload)?.send_to_all(slf.py())
    }

    /// Send `event` to `target`, and to listeners that name no target.
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

    /// Send `event` to `target`, and to listeners that name no target.
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

    /// Send `event` to the targets for which `filter(target)` is true.
    ///
    /// Listeners that name no target hear it too. `filter` runs in the calling thread, for the
    /// app and for every open window in each way it can be named.
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

    /// As `emit_filter`.
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

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Emitter>()
}
