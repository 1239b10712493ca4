//! Defines the methods of `AppHandle` for tray icons.

use pyo3::prelude::*;

use super::{handlers, removal, tray_icon::TrayIcon};
use crate::python::{
    app::app_handle::AppHandle,
    callbacks::{callback::Callback, subscription::Subscription},
    menus::{
        main_thread,
        menu::shown::placed::{self, MenuPlacement},
    },
};

#[pymethods]
impl AppHandle {
    /// Call `handler(app_handle, event)` off the UI thread for the events of all tray icons.
    #[pyo3(signature = (handler, /))]
    fn on_tray_icon_event(
        &self,
        py: Python<'_>,
        handler: &Bound<'_, PyAny>,
    ) -> PyResult<Subscription> {
        let callback = Callback::new(handler)?;
        let app = self.get(py)?;
        if let Some(reach) = self.reach() {
            reach.check_everywhere()?;
        }
        let reach = self.reach().cloned();
        Ok(handlers::add(py, &app, None, reach, callback))
    }

    /// The tray icon with this id, or `None`.
    #[pyo3(signature = (id, /))]
    fn tray_by_id(&self, py: Python<'_>, id: String) -> PyResult<Option<TrayIcon>> {
        self.tray(py, id, |app, id| app.tray_by_id(id).is_some())
    }

    /// Remove a tray icon; gives what is left of it: its methods raise `RuntimeError`.
    #[pyo3(signature = (id, /))]
    fn remove_tray_by_id(&self, py: Python<'_>, id: String) -> PyResult<Option<TrayIcon>> {
        let removed = self.tray(py, id.clone(), removal::remove)?;
        if removed.is_some() {
            handlers::tray_ended(&id);
            placed::put(MenuPlacement::Tray(id), None);
        }
        Ok(removed)
    }
}

impl AppHandle {
    /// The tray icon of this id, if `is_there` finds it on the UI thread. `PermissionError` unless
    /// every window may be reached.
    fn tray(
        &self,
        py: Python<'_>,
        id: String,
        is_there: fn(&tauri::AppHandle<tauri::Wry>, &str) -> bool,
    ) -> PyResult<Option<TrayIcon>> {
        let app = self.get(py)?;
        if let Some(reach) = self.reach() {
            reach.check_everywhere()?;
        }
        let (own, asked) = (app.clone(), id.clone());
        let there = main_thread::ask(py, &app, move || Ok(is_there(&own, &asked)))?;
        let reach = self.reach().cloned();
        Ok(there.then(|| TrayIcon::of(app.clone(), reach, id)))
    }
}
