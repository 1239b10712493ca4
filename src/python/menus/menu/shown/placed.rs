//! Keeps the Python objects of the menus that are shown, and with them their handlers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tauri::{Wry, menu::Menu as Shown};

use crate::python::{
    host::reach::Reach,
    menus::menu::containers::Menu,
    window::handlers::{identity, life_of},
};

/// Where a menu is shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum MenuPlacement {
    App,
    /// A window, by its identity.
    Window(usize),
    /// The last context menu of a window. What is chosen in it is told after it has closed.
    Popup(usize),
    /// A tray icon, by its id.
    Tray(String),
}

static PLACED: Mutex<Vec<(MenuPlacement, Py<PyAny>)>> = Mutex::new(Vec::new());

fn placed() -> MutexGuard<'static, Vec<(MenuPlacement, Py<PyAny>)>> {
    PLACED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes which menu is shown somewhere.
pub(crate) fn put(place: MenuPlacement, menu: Option<Py<PyAny>>) {
    let mut all = placed();
    let at = all.iter().position(|(it, _)| *it == place);
    let before = at.map(|at| all.swap_remove(at));
    if let Some(menu) = menu {
        all.push((place, menu));
    }
    drop(all);
    drop(before);
}

fn get(py: Python<'_>, place: &MenuPlacement) -> Option<Py<PyAny>> {
    let all = placed();
    let found = all.iter().find(|(it, _)| it == place);
    found.map(|(_, menu)| menu.clone_ref(py))
}

/// Notes which menu a window shows, until the window is gone.
pub(crate) fn put_at_window(
    window: &tauri::Window<Wry>,
    place: fn(usize) -> MenuPlacement,
    menu: Option<Py<PyAny>>,
) {
    let identity = identity(window);
    let (place, fresh) = (place(identity), menu.is_some());
    let known = placed().iter().any(|(it, _)| *it == place);
    put(place.clone(), menu);
    if !fresh || known {
        return;
    }
    match life_of(window) {
        Some(life) => {
            life.on_end(move || put(place, None));
        }
        None => put(place, None),
    }
}

/// The Python object of a menu that is shown at one of these places.
pub(in crate::python::menus::menu) fn object_of(
    py: Python<'_>,
    app: &tauri::AppHandle<Wry>,
    reach: Option<&Arc<Reach>>,
    menu: Option<Shown<Wry>>,
    places: &[MenuPlacement],
) -> PyResult<Option<Py<Menu>>> {
    let Some(menu) = menu else { return Ok(None) };
    for place in places {
        if let Some(object) = get(py, place)
            && let Ok(object) = object.bind(py).cast::<Menu>()
            && object.get().held.get()?.id() == menu.id()
        {
            return Ok(Some(object.clone().unbind()));
        }
    }
    let object = Py::new(py, Menu::of_tauri(py, app, reach, menu)?)?;
    Ok(Some(object))
}
