//! Defines the methods of `WebviewWindow`, `Window` and `Menu` for the menu of a window.

use pyo3::{exceptions::PyTypeError, prelude::*};
use tauri::{Manager as _, Wry, menu::Menu as Shown};

use super::placed::{self, MenuPlacement};
#[cfg(target_os = "linux")]
use crate::desktop::menus::window_menu;
use crate::python::{
    callbacks::{callback::Callback, subscription::Subscription},
    convert::errors::runtime_error,
    gil,
    menus::{
        main_thread,
        menu::{containers::Menu, handlers},
    },
    window::{
        handlers::identity,
        webview::{Webview, Window, window_in},
        webview_window::{WebviewWindow, check_open},
    },
};

/// Does `act` with the window on the UI thread. `WindowClosed` when it is gone.
pub(in crate::python::menus::menu) fn with_window<T: Send + 'static>(
    py: Python<'_>,
    window: &tauri::WebviewWindow<Wry>,
    act: impl FnOnce(&tauri::WebviewWindow<Wry>) -> tauri::Result<T> + Send + 'static,
) -> PyResult<T> {
    let _visit = gil::visit(py);
    check_open(py, window)?;
    let own = window.clone();
    let done = main_thread::ask(py, window.app_handle(), move || {
        act(&own).map_err(runtime_error)
    });
    done.map_err(|error| check_open(py, window).err().unwrap_or(error))
}

/// The window of an argument, which is a `WebviewWindow` or a `Window`.
pub(in crate::python::menus::menu) fn window_of(
    object: &Bound<'_, PyAny>,
) -> PyResult<tauri::WebviewWindow<Wry>> {
    let found = window_in(object).filter(|_| !object.is_instance_of::<Webview>());
    found.map(|window| window.window.clone()).ok_or_else(|| {
        PyTypeError::new_err(format!(
            "expected a WebviewWindow or a Window, got {}",
            kind_of(object)
        ))
    })
}

fn kind_of(object: &Bound<'_, PyAny>) -> String {
    let name = object.get_type().name();
    name.map_or_else(|_| "something else".into(), |name| name.to_string())
}

fn object_of(
    py: Python<'_>,
    window: &WebviewWindow,
    menu: Option<Shown<Wry>>,
) -> PyResult<Option<Py<Menu>>> {
    let frame = window.window.as_ref().window();
    let own = MenuPlacement::Window(identity(&frame));
    let (app, reach) = (window.window.app_handle(), window.reach.as_ref());
    placed::object_of(py, app, reach, menu, &[own, MenuPlacement::App])
}

fn set(
    py: Python<'_>,
    window: &tauri::WebviewWindow<Wry>,
    menu: &Bound<'_, Menu>,
) -> PyResult<Option<Shown<Wry>>> {
    let shown = menu.get().held.get()?.clone();
    with_window(py, window, move |window| {
        let before = window.set_menu(shown)?;
        #[cfg(target_os = "linux")]
        window_menu::ensure(&window.as_ref().window());
        Ok(before)
    })
}

fn note(window: &tauri::WebviewWindow<Wry>, menu: Option<Py<PyAny>>) {
    placed::put_at_window(&window.as_ref().window(), MenuPlacement::Window, menu);
}

macro_rules! has_menu {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// Call `handler(window, id)` off the UI thread when an item of any menu is chosen.
            ///
            /// An `async def` runs on the portal. It is called until it is removed, or the window
            /// is gone.
            #[pyo3(signature = (handler, /))]
            fn on_menu_event(&self, py: Python<'_>, handler: &Bound<'_, PyAny>) -> PyResult<Subscription> {
                let callback = Callback::new(handler)?;
                let own: &WebviewWindow = self.as_ref();
                own.ask(py, |_| Ok(handlers::add_for_window(own, callback)))
            }

            /// The menu that it shows: its own, or that of the app.
            fn menu(&self, py: Python<'_>) -> PyResult<Option<Py<Menu>>> {
                let own: &WebviewWindow = self.as_ref();
                let menu = with_window(py, &own.window, |window| Ok(window.menu()))?;
                object_of(py, own, menu)
            }

            /// Set its menu; gives the one before. Not on macOS, where the app has the menu.
            #[pyo3(signature = (menu, /))]
            fn set_menu(&self, py: Python<'_>, menu: &Bound<'_, Menu>) -> PyResult<Option<Py<Menu>>> {
                let own: &WebviewWindow = self.as_ref();
                let before = set(py, &own.window, menu)?;
                let before = object_of(py, own, before)?;
                note(&own.window, Some(menu.clone().into_any().unbind()));
                Ok(before)
            }

            /// Removes the menu of this window, and returns it.
            fn remove_menu(&self, py: Python<'_>) -> PyResult<Option<Py<Menu>>> {
                let own: &WebviewWindow = self.as_ref();
                let before = with_window(py, &own.window, |window| window.remove_menu())?;
                let before = object_of(py, own, before)?;
                note(&own.window, None);
                Ok(before)
            }

            fn hide_menu(&self, py: Python<'_>) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                with_window(py, &own.window, |window| window.hide_menu())
            }

            fn show_menu(&self, py: Python<'_>) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                with_window(py, &own.window, |window| window.show_menu())
            }

            fn is_menu_visible(&self, py: Python<'_>) -> PyResult<bool> {
                let own: &WebviewWindow = self.as_ref();
                with_window(py, &own.window, |window| window.is_menu_visible())
            }
        }
    )*};
}

has_menu!(WebviewWindow, Window);

#[pymethods]
impl Menu {
    /// Make it the menu of a window, as `WebviewWindow.set_menu` does.
    #[pyo3(signature = (window, /))]
    fn set_as_window_menu(slf: &Bound<'_, Self>, window: &Bound<'_, PyAny>) -> PyResult<()> {
        let window = window_of(window)?;
        set(slf.py(), &window, slf)?;
        note(&window, Some(slf.clone().into_any().unbind()));
        Ok(())
    }
}
