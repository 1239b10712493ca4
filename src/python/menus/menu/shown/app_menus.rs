//! Defines the methods of `AppHandle` and `Menu` for the menu of the app.

use pyo3::prelude::*;
#[cfg(target_os = "linux")]
use tauri::Manager as _;
use tauri::{Wry, menu::Menu as Shown};

use super::placed::{self, MenuPlacement};
#[cfg(target_os = "linux")]
use crate::desktop::menus::window_menu;
use crate::python::{
    app::app_handle::AppHandle,
    callbacks::{callback::Callback, subscription::Subscription},
    convert::errors::runtime_error,
    menus::{
        main_thread,
        menu::{containers::Menu, handlers},
    },
};

/// Does `act` with the app on the UI thread. `PermissionError` unless every window may be reached:
/// the menu of the app is that of all windows.
fn with_app<T: Send + 'static>(
    py: Python<'_>,
    handle: &AppHandle,
    act: impl FnOnce(&tauri::AppHandle<Wry>) -> tauri::Result<T> + Send + 'static,
) -> PyResult<T> {
    let app = handle.get(py)?;
    if let Some(reach) = handle.reach() {
        reach.check_everywhere()?;
    }
    let own = app.clone();
    main_thread::ask(py, &app, move || act(&own).map_err(runtime_error))
}

fn object_of(
    py: Python<'_>,
    handle: &AppHandle,
    menu: Option<Shown<Wry>>,
) -> PyResult<Option<Py<Menu>>> {
    let app = handle.get(py)?;
    placed::object_of(py, &app, handle.reach(), menu, &[MenuPlacement::App])
}

#[pymethods]
impl AppHandle {
    /// Call `handler(app_handle, id)` off the UI thread when an item of any menu is chosen.
    ///
    /// An `async def` runs on the portal. It is called until it is removed, and of a command's
    /// handle until the window closes. This and what follows raises `PermissionError` unless every
    /// window is within reach.
    #[pyo3(signature = (handler, /))]
    fn on_menu_event(&self, py: Python<'_>, handler: &Bound<'_, PyAny>) -> PyResult<Subscription> {
        let callback = Callback::new(handler)?;
        let app = self.get(py)?;
        if let Some(reach) = self.reach() {
            reach.check_everywhere()?;
        }
        let reach = self.reach().cloned();
        Ok(handlers::add_for_app(py, &app, reach, callback))
    }

    /// The menu of the app: of all windows that have none of their own.
    fn menu(&self, py: Python<'_>) -> PyResult<Option<Py<Menu>>> {
        let menu = with_app(py, self, |app| Ok(app.menu()))?;
        let object = object_of(py, self, menu)?;
        let kept = object.as_ref().map(|it| it.clone_ref(py).into_any());
        placed::put(MenuPlacement::App, kept);
        Ok(object)
    }

    /// Set the menu of the app; gives the one before.
    #[pyo3(signature = (menu, /))]
    fn set_menu(&self, py: Python<'_>, menu: &Bound<'_, Menu>) -> PyResult<Option<Py<Menu>>> {
        let shown = menu.get().held.get()?.clone();
        let before = with_app(py, self, move |app| {
            let before = app.set_menu(shown)?;
            #[cfg(target_os = "linux")]
            for window in app.webview_windows().values() {
                window_menu::ensure(&window.as_ref().window());
            }
            Ok(before)
        })?;
        let before = object_of(py, self, before)?;
        placed::put(MenuPlacement::App, Some(menu.clone().into_any().unbind()));
        Ok(before)
    }

    /// Remove the menu of the app; gives it.
    fn remove_menu(&self, py: Python<'_>) -> PyResult<Option<Py<Menu>>> {
        let before = with_app(py, self, |app| app.remove_menu())?;
        let before = object_of(py, self, before)?;
        placed::put(MenuPlacement::App, None);
        Ok(before)
    }

    /// Hides the menu of the app.
    fn hide_menu(&self, py: Python<'_>) -> PyResult<()> {
        with_app(py, self, |app| app.hide_menu())
    }

    /// Shows the menu of the app again.
    fn show_menu(&self, py: Python<'_>) -> PyResult<()> {
        with_app(py, self, |app| app.show_menu())
    }
}

#[pymethods]
impl Menu {
    /// Make it the menu of the app, as `AppHandle.set_menu` does.
    fn set_as_app_menu(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let app = slf.get().held.app_handle(py)?;
        app.get().set_menu(py, slf).map(drop)
    }
}
