//! Defines the Python classes `Menu` and `Submenu`, which hold items.

use std::sync::Arc;

use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
};
use tauri::{
    Wry,
    menu::{self, HELP_SUBMENU_ID, MenuItemKind, WINDOW_SUBMENU_ID},
};

use super::{
    click::Click,
    held::Held,
    items::{CheckMenuItem, IconMenuItem, MenuItem, can_be_disabled, named, with_text},
    predefined::PredefinedMenuItem,
    tree::{Child, Children, Parent},
};
use crate::python::{
    app::{app_handle::AppHandle, manager::AnyManager},
    errors::runtime_error,
    gil,
    host::reach::Reach,
    main_thread,
    values::checked::Text,
};

/// A menu: of the app, of a window, of a tray icon, or a context menu.
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

impl Child {
    /// `TypeError` if it is no item. Its handler is called from now on.
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        macro_rules! item {
            ($class:ident, $kind:ident) => {
                if let Ok(item) = object.cast::<$class>() {
                    let item = item.get();
                    let held = &item.held;
                    item.click.arm(object, &held.app, &held.get()?.id().0)?;
                    return Ok(Self {
                        object: object.clone().unbind(),
                        kind: MenuItemKind::$kind(item.held.get()?.clone()),
                        below: None,
                    });
                }
            };
        }
        item!(MenuItem, MenuItem);
        item!(CheckMenuItem, Check);
        item!(IconMenuItem, Icon);
        let (kind, below) = if let Ok(item) = object.cast::<PredefinedMenuItem>() {
            (
                MenuItemKind::Predefined(item.get().held.get()?.clone()),
                None,
            )
        } else if let Ok(item) = object.cast::<Submenu>() {
            let item = item.get();
            let below = Arc::clone(&item.children);
            (MenuItemKind::Submenu(item.held.get()?.clone()), Some(below))
        } else {
            return Err(PyTypeError::new_err(format!(
                "an item of a menu is a MenuItem, CheckMenuItem, IconMenuItem, PredefinedMenuItem \
                 or Submenu, not {}",
                object.get_type().name()?
            )));
        };
        Ok(Self {
            object: object.clone().unbind(),
            kind,
            below,
        })
    }

    /// All of a sequence.
    fn all_of(items: &Bound<'_, PyAny>) -> PyResult<Vec<Self>> {
        let items: PyResult<Vec<_>> = items.try_iter()?.collect();
        items?.iter().map(Self::of).collect()
    }
}

/// What a menu is on the UI thread, where its items are known.
struct Found {
    kind: MenuItemKind<Wry>,
    below: Vec<Self>,
}

impl Found {
    fn all(kinds: Vec<MenuItemKind<Wry>>) -> tauri::Result<Vec<Self>> {
        let kinds = kinds.into_iter();
        let found = kinds.map(|kind| {
            let below = match &kind {
                MenuItemKind::Submenu(menu) => Self::all(menu.items()?)?,
                _ => Vec::new(),
            };
            Ok(Self { kind, below })
        });
        found.collect()
    }

    fn into_child(self, py: Python<'_>, of: &Of<'_>) -> PyResult<Child> {
        let kind = self.kind.clone();
        macro_rules! object {
            ($item:expr, $class:ident { $($field:ident: $value:expr),* }) => {{
                let held = Held::of(of.0, of.1.cloned(), $item);
                Py::new(py, $class { held, $($field: $value),* })?.into_any()
            }};
        }
        let mut below = None;
        let object = match self.kind {
            MenuItemKind::MenuItem(item) => object!(
                item,
                MenuItem {
                    click: Click::default()
                }
            ),
            MenuItemKind::Check(item) => object!(
                item,
                CheckMenuItem {
                    click: Click::default()
                }
            ),
            MenuItemKind::Icon(item) => object!(
                item,
                IconMenuItem {
                    click: Click::default()
                }
            ),
            MenuItemKind::Predefined(item) => object!(item, PredefinedMenuItem {}),
            MenuItemKind::Submenu(menu) => {
                let children = children_of(py, of, self.below)?;
                below = Some(Arc::clone(&children));
                object!(menu, Submenu { children: children })
            }
        };
        Ok(Child {
            object,
            kind,
            below,
        })
    }
}

type Of<'a> = (&'a tauri::AppHandle<Wry>, Option<&'a Arc<Reach>>);

fn children_of(py: Python<'_>, of: &Of<'_>, found: Vec<Found>) -> PyResult<Arc<Children>> {
    let children = Arc::new(Children::default());
    for item in found {
        let child = item.into_child(py, of)?;
        children.list().push(child);
    }
    Ok(children)
}

impl Menu {
    /// The Python object of a menu that Python has not made.
    pub(crate) fn of_tauri(
        py: Python<'_>,
        app: &tauri::AppHandle<Wry>,
        reach: Option<&Arc<Reach>>,
        menu: menu::Menu<Wry>,
    ) -> PyResult<Self> {
        let looked = menu.clone();
        let look = move || looked.items().and_then(Found::all).map_err(runtime_error);
        let found = main_thread::ask(py, app, look)?;
        Ok(Self {
            children: children_of(py, &(app, reach), found)?,
            held: Held::of(app, reach.cloned(), menu),
        })
    }

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
            /// Puts an item at the end.
            #[pyo3(signature = (item, /))]
            fn append(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
                self.add(py, vec![Child::of(item)?], None)
            }

            /// Puts items at the end; all of them or none.
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

            /// Puts an item at a position. `IndexError` behind the end.
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

            /// Takes an item out. `ValueError` if it is not here.
            #[pyo3(signature = (item, /))]
            fn remove(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
                let (parent, children) = (self.parent()?, Arc::clone(&self.children));
                let object = item.clone().unbind();
                let take = move || children.take_out(&parent, &object);
                main_thread::ask(py, &self.held.app, take).map(drop)
            }

            /// Takes the item at a position out and returns it. `None`: there is none.
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

            /// The item with this id, or `None`.
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

    /// A menu of what most apps have: editing, the window, help.
    #[staticmethod]
    #[pyo3(signature = (app_handle, /))]
    fn default(app_handle: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = app_handle.py();
        let manager = AnyManager::of(app_handle)?;
        let app = manager.app.clone();
        let make = move || menu::Menu::default(&app).map_err(runtime_error);
        let menu = main_thread::ask(py, &manager.app, make)?;
        Self::of_tauri(py, &manager.app, manager.reach.as_ref(), menu)
    }

    /// A menu of a nested description.
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
