//! Reads items out of Python objects, and makes Python objects of the items that Tauri has.

use std::sync::Arc;

use pyo3::{exceptions::PyTypeError, prelude::*};
use tauri::{
    Wry,
    menu::{self, MenuItemKind},
};

use super::{Menu, Submenu};
#[cfg(target_os = "linux")]
use crate::python::menus::menu::editing_items;
use crate::python::{
    convert::errors::runtime_error,
    host::reach::Reach,
    menus::{
        main_thread,
        menu::{
            click::Click,
            held::Held,
            items::{CheckMenuItem, IconMenuItem, MenuItem},
            predefined::{PredefinedItem, PredefinedMenuItem},
            tree::{Child, Children},
        },
    },
};

impl Child {
    /// `TypeError` if it is no item. Its handler is called from now on.
    pub(super) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
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
            (item.get().held.get()?.kind(), None)
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
    pub(super) fn all_of(items: &Bound<'_, PyAny>) -> PyResult<Vec<Self>> {
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
            #[cfg(target_os = "linux")]
            MenuItemKind::MenuItem(item) if editing_items::command_of(&item.id().0).is_some() => {
                object!(PredefinedItem::Editing(item), PredefinedMenuItem {})
            }
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
            MenuItemKind::Predefined(item) => {
                object!(PredefinedItem::OfTauri(item), PredefinedMenuItem {})
            }
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
}
