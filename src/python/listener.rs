//! Events from the pages and from Rust.

use pyo3::{prelude::*, types::PyTuple};
use tauri::Listener as _;

use super::{callback::Callback, event_name::check_event_name, gil, manager::AnyManager};

/// An event that a listener was called with.
#[pyclass(frozen, get_all, module = "transom")]
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// What `listen` returned.
    id: u32,
    /// JSON text.
    payload: String,
}

/// Hears events. Handlers are called off the UI thread; `async def` ones on the portal.
#[pyclass(frozen, module = "transom")]
struct Listener;

/// What is handed to Tauri: it is called on whatever thread emits, so it only posts.
fn forward(callback: &Callback) -> impl Fn(tauri::Event) + Send + 'static {
    let callback = callback.clone();
    move |event| {
        let event = Event {
            id: event.id(),
            payload: event.payload().to_owned(),
        };
        callback.post(
            None,
            move |py| PyTuple::new(py, [event.into_pyobject(py)?]),
            None,
        );
    }
}

/// Registers with the manager `slf` by one of Tauri's four methods.
macro_rules! listen {
    ($method:ident, $slf:ident, $event:ident, $handler:ident) => {{
        check_event_name(&$event)?;
        let callback = Callback::new($handler)?;
        let manager = AnyManager::of($slf)?;
        let handler = forward(&callback);
        Ok(gil::detach($slf.py(), || match manager {
            AnyManager::App(app) => app.$method($event, handler),
            AnyManager::Window(window) => window.$method($event, handler),
        }))
    }};
}

#[pymethods]
impl Listener {
    /// Calls `handler(event)` for every `event` sent to the manager; returns an id.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn listen(slf: &Bound<'_, PyAny>, event: String, handler: &Bound<'_, PyAny>) -> PyResult<u32> {
        listen!(listen, slf, event, handler)
    }

    /// As `listen`, for the next such event only.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn once(slf: &Bound<'_, PyAny>, event: String, handler: &Bound<'_, PyAny>) -> PyResult<u32> {
        listen!(once, slf, event, handler)
    }

    /// As `listen`, whoever the event is sent to.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn listen_any(
        slf: &Bound<'_, PyAny>,
        event: String,
        handler: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        listen!(listen_any, slf, event, handler)
    }

    /// As `listen_any`, for the next such event only.
    #[staticmethod]
    #[pyo3(signature = (slf, event, handler, /))]
    fn once_any(
        slf: &Bound<'_, PyAny>,
        event: String,
        handler: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        listen!(once_any, slf, event, handler)
    }

    /// Ends what `listen` began. An unknown id is ignored.
    #[staticmethod]
    #[pyo3(signature = (slf, id, /))]
    fn unlisten(slf: &Bound<'_, PyAny>, id: u32) -> PyResult<()> {
        let manager = AnyManager::of(slf)?;
        gil::detach(slf.py(), || manager.app().unlisten(id));
        Ok(())
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Event>()?;
    module.add_class::<Listener>()
}
