//! Defines the Python classes `Menu` and `Submenu`, which hold items.

mod objects;

use std::sync::Arc;

use pyo3::{PyTraverseError, PyVisit, exceptions::PyValueError, prelude::*};
use tauri::{
    Wry,
    menu::{self, HELP_SUBMENU_ID, WINDOW_SUBMENU_ID},
};

#[cfg(target_os = "linux")]
use super::{editing_items, handlers};
use super::{
    held::Held,
    items::{can_be_disabled, named, with_text},
    tree::{Child, Children, Parent},
};
use crate::python::{
    app::{app_handle::AppHandle, manager::AnyManager},
    convert::{checked::Text, errors::runtime_error},
    gil,
    menus::main_thread,
};

/// A menu: of the app, of a window, of a tray icon, or a context menu.
///
/// Its items are the same objects that were put in, and live as long as it does.
#[pyclass(frozen, weakref, module = "transom.menu")]
pub(crate) struct Menu {
    pub(crate) held: Held<menu::Menu<Wry>>,
    children: Arc<Children>,
}

/// A menu in a menu.
#[pyclass(frozen, weakref, module = "transom.menu")]
pub(crate) struct Submenu {
    pub(crate) held: Held<menu::Submenu<Wry>>,
    children: Arc<Children>,
}

named!(Menu, Submenu);
with_text!(Submenu);
can_be_disabled!(Submenu);

impl Menu {
    fn make(manager: &Bound<'_, PyAny>, id: Option<Text>) -> PyResult<Self> {
        let py = manager.py();
        let manager = AnyManager::of(manager)?;
        let app = manager.app.clone();
        let make = move || match id {
            Some(id) => menu::Menu::with_id(&app, id.0),
            None => menu::Menu::new(&app),
        };
        let menu = main_thread::ask(py, &manager.app, move || make().map_err(runtime_error))?;
        Ok(Self {
            held: Held::new(&manager, menu),
            children: Arc::default(),
        })
    }

    fn parent(&self) -> PyResult<Parent> {
        Ok(Parent::Menu(self.held.get()?.clone()))
    }
}

impl Submenu {
    fn make(
        manager: &Bound<'_, PyAny>,
        id: Option<Text>,
        text: Text,
        enabled: bool,
    ) -> PyResult<Self> {
        let py = manager.py();
        let manager = AnyManager::of(manager)?;
        let app = manager.app.clone();
        let make = move || match id {
            Some(id) => menu::Submenu::with_id(&app, id.0, text.0, enabled),
            None => menu::Submenu::new(&app, text.0, enabled),
        };
        let menu = main_thread::ask(py, &manager.app, move || make().map_err(runtime_error))?;
        Ok(Self {
            held: Held::new(&manager, menu),
            children: Arc::default(),
        })
    }

    fn parent(&self) -> PyResult<Parent> {
        Ok(Parent::Submenu(self.held.get()?.clone()))
    }
}

/// Reads a position. A negative one is a wrong one, not one from the end.
fn position(at: &Bound<'_, PyAny>) -> PyResult<usize> {
    let at: i64 = at.extract()?;
    usize::try_from(at)
        .map_err(|_| PyValueError::new_err(format!("{at} is not a position, a number from 0")))
}

macro_rules! holds_items {
    ($($class:ident),*) => {$(
        impl $class {
            fn add(&self, py: Python<'_>, items: Vec<Child>, at: Option<usize>) -> PyResult<()> {
                let (parent, children) = (self.parent()?, Arc::clone(&self.children));
                main_thread::ask(py, &self.held.app, move || children.add(&parent, items, at))
            }
        }

        #[pymethods]
        impl $class {
            /// Put an item at the end.
            ///
            /// `ValueError` where an item of this id is in the menu already, a submenu would be in
            /// itself, or menus would be nested more than 16 deep.
            #[pyo3(signature = (item, /))]
            fn append(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
                self.add(py, vec![Child::of(item)?], None)
            }

            /// Put items at the end; all of them, or with an error none.
            #[pyo3(signature = (items, /))]
            fn append_items(&self, py: Python<'_>, items: &Bound<'_, PyAny>) -> PyResult<()> {
                self.add(py, Child::all_of(items)?, None)
            }

            /// Puts an item at the beginning.
            #[pyo3(signature = (item, /))]
            fn prepend(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
                self.add(py, vec![Child::of(item)?], Some(0))
            }

            /// Puts items at the beginning, in their order.
            #[pyo3(signature = (items, /))]
            fn prepend_items(&self, py: Python<'_>, items: &Bound<'_, PyAny>) -> PyResult<()> {
                self.add(py, Child::all_of(items)?, Some(0))
            }

            /// Put an item at a position; `IndexError` behind the end.
            #[pyo3(signature = (item, position, /))]
            fn insert(
                &self,
                py: Python<'_>,
                item: &Bound<'_, PyAny>,
                position: &Bound<'_, PyAny>,
            ) -> PyResult<()> {
                let at = self::position(position)?;
                self.add(py, vec![Child::of(item)?], Some(at))
            }

            /// Puts items at a position, in their order.
            #[pyo3(signature = (items, position, /))]
            fn insert_items(
                &self,
                py: Python<'_>,
                items: &Bound<'_, PyAny>,
                position: &Bound<'_, PyAny>,
            ) -> PyResult<()> {
                let at = self::position(position)?;
                self.add(py, Child::all_of(items)?, Some(at))
            }

            /// Take an item out; `ValueError` where it is not in the menu.
            #[pyo3(signature = (item, /))]
            fn remove(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
                let (parent, children) = (self.parent()?, Arc::clone(&self.children));
                let object = item.clone().unbind();
                let take = move || children.take_out(&parent, &object);
                main_thread::ask(py, &self.held.app, take).map(drop)
            }

            /// Take the item at a position out, and give it; `None` where there is none.
            #[pyo3(signature = (position, /))]
            fn remove_at(
                &self,
                py: Python<'_>,
                position: &Bound<'_, PyAny>,
            ) -> PyResult<Option<Py<PyAny>>> {
                let at = self::position(position)?;
                let (parent, children) = (self.parent()?, Arc::clone(&self.children));
                let taken = main_thread::ask(py, &self.held.app, move || {
                    children.take(&parent, at)
                })?;
                Ok(taken.map(|item| item.object))
            }

            /// The item with this id; not those of submenus.
            #[pyo3(signature = (id, /))]
            fn get(&self, py: Python<'_>, id: &str) -> PyResult<Option<Py<PyAny>>> {
                self.held.get()?;
                let list = self.children.list();
                let found = list.iter().find(|item| item.id() == id);
                Ok(found.map(|item| item.object.clone_ref(py)))
            }

            /// The items, in their order.
            fn items(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
                self.held.get()?;
                let list = self.children.list();
                Ok(list.iter().map(|item| item.object.clone_ref(py)).collect())
            }

            fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
                self.children.traverse(&visit)
            }

            fn __clear__(&self) {
                self.children.clear();
            }
        }
    )*};
}

holds_items!(Menu, Submenu);

#[pymethods]
impl Menu {
    #[new]
    #[pyo3(signature = (manager, /))]
    fn new(manager: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::make(manager, None)
    }

    #[staticmethod]
    #[pyo3(signature = (manager, id, /))]
    fn with_id(manager: &Bound<'_, PyAny>, id: Text) -> PyResult<Self> {
        Self::make(manager, Some(id))
    }

    #[staticmethod]
    #[pyo3(signature = (manager, items, /))]
    fn with_items(manager: &Bound<'_, PyAny>, items: &Bound<'_, PyAny>) -> PyResult<Self> {
        let menu = Self::make(manager, None)?;
        menu.append_items(manager.py(), items)?;
        Ok(menu)
    }

    #[staticmethod]
    #[pyo3(signature = (manager, id, items, /))]
    fn with_id_and_items(
        manager: &Bound<'_, PyAny>,
        id: Text,
        items: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let menu = Self::make(manager, Some(id))?;
        menu.append_items(manager.py(), items)?;
        Ok(menu)
    }

    /// What most apps have: editing, the window, help.
    #[staticmethod]
    #[pyo3(signature = (app_handle, /))]
    fn default(app_handle: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = app_handle.py();
        let manager = AnyManager::of(app_handle)?;
        let app = manager.app.clone();
        let make = move || {
            let menu = menu::Menu::default(&app)?;
            #[cfg(target_os = "linux")]
            {
                handlers::hook(&app);
                editing_items::replace_in(&app, &menu)?;
            }
            tauri::Result::Ok(menu)
        };
        let menu = main_thread::ask(py, &manager.app, move || make().map_err(runtime_error))?;
        Self::of_tauri(py, &manager.app, manager.reach.as_ref(), menu)
    }

    /// Make a menu of nested descriptions.
    ///
    /// Each is a dict (`text`, `id`, `enabled`, `accelerator`, `checked`, `icon`, `on_click`; with
    /// `items` a submenu), the name of an item of the system (`"separator"`, `"quit"`, …), or an
    /// item. `TypeError` and `ValueError` say which one is wrong.
    #[staticmethod]
    #[pyo3(signature = (manager, items, /, *, id=None))]
    fn from_description<'py>(
        manager: &Bound<'py, PyAny>,
        items: &Bound<'py, PyAny>,
        id: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _visit = gil::visit(manager.py());
        let module = manager.py().import("transom._app.descriptions")?;
        module.call_method1("menu_of", (manager, items, id))
    }
}

#[pymethods]
impl Submenu {
    #[new]
    #[pyo3(signature = (manager, text, enabled=true, /))]
    fn new(manager: &Bound<'_, PyAny>, text: Text, enabled: bool) -> PyResult<Self> {
        Self::make(manager, None, text, enabled)
    }

    #[staticmethod]
    #[pyo3(signature = (manager, id, text, enabled=true, /))]
    fn with_id(manager: &Bound<'_, PyAny>, id: Text, text: Text, enabled: bool) -> PyResult<Self> {
        Self::make(manager, Some(id), text, enabled)
    }

    #[staticmethod]
    #[pyo3(signature = (manager, text, enabled, items, /))]
    fn with_items(
        manager: &Bound<'_, PyAny>,
        text: Text,
        enabled: bool,
        items: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let menu = Self::make(manager, None, text, enabled)?;
        menu.append_items(manager.py(), items)?;
        Ok(menu)
    }

    #[staticmethod]
    #[pyo3(signature = (manager, id, text, enabled, items, /))]
    fn with_id_and_items(
        manager: &Bound<'_, PyAny>,
        id: Text,
        text: Text,
        enabled: bool,
        items: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let menu = Self::make(manager, Some(id), text, enabled)?;
        menu.append_items(manager.py(), items)?;
        Ok(menu)
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("WINDOW_SUBMENU_ID", WINDOW_SUBMENU_ID)?;
    module.add("HELP_SUBMENU_ID", HELP_SUBMENU_ID)?;
    module.add_class::<Menu>()?;
    module.add_class::<Submenu>()
}
