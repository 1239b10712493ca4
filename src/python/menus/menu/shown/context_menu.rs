//! Shows menus as context menus.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError, PyValueError},
    prelude::*,
};
use tauri::{
    Manager as _, Wry,
    menu::{self, ContextMenu as _},
};

use super::{
    placed::{self, MenuPlacement},
    window_menus::{window_of, with_window},
};
#[cfg(target_os = "linux")]
use crate::desktop::menus::open_menus;
use crate::{
    desktop::ui_tasks,
    python::{
        gil,
        menus::menu::containers::{Menu, Submenu},
        values::geometry::position::Position,
        window::{webview::Window, webview_window::WebviewWindow},
    },
};

/// A menu as an argument.
#[derive(Clone)]
pub(crate) enum AnyMenu {
    Menu(menu::Menu<Wry>),
    Submenu(menu::Submenu<Wry>),
}

impl AnyMenu {
    /// `TypeError` if it is no menu.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(menu) = object.cast::<Menu>() {
            return Ok(Self::Menu(menu.get().held.get()?.clone()));
        }
        if let Ok(menu) = object.cast::<Submenu>() {
            return Ok(Self::Submenu(menu.get().held.get()?.clone()));
        }
        Err(PyTypeError::new_err(format!(
            "expected a Menu or a Submenu, got {}; `Menu.from_description` makes one of a list",
            object.get_type().name()?
        )))
    }

    /// For the UI thread.
    fn is_empty(&self) -> tauri::Result<bool> {
        let items = match self {
            Self::Menu(menu) => menu.items()?,
            Self::Submenu(menu) => menu.items()?,
        };
        Ok(items.is_empty())
    }

    /// Shows it until something is chosen, or it is closed. For the UI thread.
    fn popup(&self, window: tauri::Window<Wry>, at: Option<Position>) -> tauri::Result<()> {
        match (self, at) {
            (Self::Menu(menu), None) => menu.popup(window),
            (Self::Menu(menu), Some(at)) => menu.popup_at(window, at),
            (Self::Submenu(menu), None) => menu.popup(window),
            (Self::Submenu(menu), Some(at)) => menu.popup_at(window, at),
        }
    }
}

/// Has a menu shown, and returns at once. `RuntimeError` for a hidden window, and `ValueError` for
/// an empty menu: GTK would wait for ever for the end of what nobody sees.
fn popup(
    py: Python<'_>,
    object: &Bound<'_, PyAny>,
    window: &tauri::WebviewWindow<Wry>,
    at: Option<Position>,
) -> PyResult<()> {
    let menu = AnyMenu::of(object)?;
    let asked = menu.clone();
    let look = move |window: &tauri::WebviewWindow<Wry>| {
        let is_shown = window.is_visible()? && !window.is_minimized()?;
        Ok((is_shown, asked.is_empty()?))
    };
    let (is_shown, is_empty) = with_window(py, window, look)?;
    if is_empty {
        return Err(PyValueError::new_err(
            "the menu is empty: put items into it before it is shown",
        ));
    }
    if !is_shown {
        return Err(PyRuntimeError::new_err(format!(
            "the window `{}` is hidden, so it cannot show a context menu",
            window.label()
        )));
    }
    let frame = window.as_ref().window();
    placed::put_at_window(&frame, MenuPlacement::Popup, Some(object.clone().unbind()));
    let show = move || {
        let popup = || catch_unwind(AssertUnwindSafe(|| menu.popup(frame, at)));
        #[cfg(target_os = "linux")]
        let shown = open_menus::until_closed(popup);
        #[cfg(not(target_os = "linux"))]
        let shown = popup();
        match shown {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::error!("a context menu was not shown: {error}"),
            Err(_) => log::error!("a context menu was not shown: Tauri panicked"),
        }
    };
    gil::detach(py, || ui_tasks::post(window.app_handle(), show));
    Ok(())
}

/// Shows menus at a window.
#[pyclass(frozen, module = "transom.menu")]
struct ContextMenu;

#[pymethods]
impl ContextMenu {
    /// Show a menu where the mouse is, and return at once.
    ///
    /// `RuntimeError` for a window that is hidden, `WindowClosed` for one that is gone.
    #[staticmethod]
    #[pyo3(signature = (menu, window, /))]
    fn popup(menu: &Bound<'_, PyAny>, window: &Bound<'_, PyAny>) -> PyResult<()> {
        popup(menu.py(), menu, &window_of(window)?, None)
    }

    /// Show a menu at a place in the window, and return at once.
    #[staticmethod]
    #[pyo3(signature = (menu, window, position, /))]
    fn popup_at(
        menu: &Bound<'_, PyAny>,
        window: &Bound<'_, PyAny>,
        position: Position,
    ) -> PyResult<()> {
        popup(menu.py(), menu, &window_of(window)?, Some(position))
    }
}

macro_rules! pops_up {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// Show it where the mouse is, as `ContextMenu.popup` does.
            #[pyo3(signature = (window, /))]
            fn popup(slf: &Bound<'_, Self>, window: &Bound<'_, PyAny>) -> PyResult<()> {
                popup(slf.py(), slf.as_any(), &window_of(window)?, None)
            }

            /// Shows it at a place in the window.
            #[pyo3(signature = (window, position, /))]
            fn popup_at(
                slf: &Bound<'_, Self>,
                window: &Bound<'_, PyAny>,
                position: Position,
            ) -> PyResult<()> {
                popup(slf.py(), slf.as_any(), &window_of(window)?, Some(position))
            }
        }
    )*};
}

pops_up!(Menu, Submenu);

macro_rules! shows_popups {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// Show a context menu where the mouse is, and return at once.
            ///
            /// `RuntimeError` where the window is hidden.
            #[pyo3(signature = (menu, /))]
            fn popup_menu(&self, menu: &Bound<'_, PyAny>) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                popup(menu.py(), menu, &own.window, None)
            }

            /// Show a context menu at a place in the window, and return at once.
            #[pyo3(signature = (menu, position, /))]
            fn popup_menu_at(&self, menu: &Bound<'_, PyAny>, position: Position) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                popup(menu.py(), menu, &own.window, Some(position))
            }
        }
    )*};
}

shows_popups!(WebviewWindow, Window);

pub(in crate::python::menus::menu) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ContextMenu>()
}
