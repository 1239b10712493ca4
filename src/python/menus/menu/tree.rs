//! Keeps the items of a menu as Tauri and Python have them, and checks what comes in.
//!
//! Everything that changes a tree runs on the UI thread, one after the other, without the GIL.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyIndexError, PyValueError},
    prelude::*,
};
use tauri::{
    Wry,
    menu::{Menu, MenuItemKind, Submenu},
};

use crate::python::convert::errors::runtime_error;

/// How many menus may be nested. GTK makes and destroys them by recursion.
const DEEPEST: usize = 16;

/// The menu whose items these are.
#[derive(Clone)]
pub(super) enum Parent {
    Menu(Menu<Wry>),
    Submenu(Submenu<Wry>),
}

impl Parent {
    fn insert(&self, item: &MenuItemKind<Wry>, at: Option<usize>) -> tauri::Result<()> {
        match (self, at) {
            (Self::Menu(menu), None) => menu.append(item),
            (Self::Menu(menu), Some(at)) => menu.insert(item, at),
            (Self::Submenu(menu), None) => menu.append(item),
            (Self::Submenu(menu), Some(at)) => menu.insert(item, at),
        }
    }

    fn remove(&self, item: &MenuItemKind<Wry>) -> tauri::Result<()> {
        match self {
            Self::Menu(menu) => menu.remove(item),
            Self::Submenu(menu) => menu.remove(item),
        }
    }
}

/// An item of a menu.
pub(super) struct Child {
    pub(super) object: Py<PyAny>,
    pub(super) kind: MenuItemKind<Wry>,
    /// The items of a submenu.
    pub(super) below: Option<Arc<Children>>,
}

impl Child {
    pub(super) fn id(&self) -> &str {
        &self.kind.id().0
    }
}

/// The items of a menu.
#[derive(Default)]
pub(super) struct Children {
    list: Mutex<Vec<Child>>,
    /// How many menus have been above it, at most.
    level: AtomicUsize,
}

impl Children {
    pub(super) fn list(&self) -> MutexGuard<'_, Vec<Child>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts items in at a position, or at the end; all of them or none.
    pub(super) fn add(
        self: &Arc<Self>,
        parent: &Parent,
        items: Vec<Child>,
        at: Option<usize>,
    ) -> PyResult<()> {
        let there = self.list().len();
        let at = at.unwrap_or(there);
        if at > there {
            return Err(PyIndexError::new_err(format!(
                "position {at} is behind the end of the menu, which has {there} items"
            )));
        }
        for (done, item) in items.into_iter().enumerate() {
            if let Err(error) = self.add_one(parent, item, at + done) {
                for position in (at..at + done).rev() {
                    drop(self.take(parent, position));
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn add_one(self: &Arc<Self>, parent: &Parent, item: Child, at: usize) -> PyResult<()> {
        if let Some(below) = &item.below {
            if below.holds(self) {
                return Err(PyValueError::new_err(format!(
                    "the submenu `{}` would be in itself",
                    item.id()
                )));
            }
            let level = self.level.load(Ordering::Relaxed) + 1;
            if level + below.height() > DEEPEST {
                return Err(PyValueError::new_err(format!(
                    "menus can be nested {DEEPEST} deep, not more"
                )));
            }
            below.sink(level);
        }
        let mut list = self.list();
        if list.iter().any(|it| it.id() == item.id()) {
            return Err(PyValueError::new_err(format!(
                "an item with the id `{}` is in this menu already",
                item.id()
            )));
        }
        let place = Some(at).filter(|at| *at < list.len());
        parent.insert(&item.kind, place).map_err(runtime_error)?;
        list.insert(at, item);
        Ok(())
    }

    /// Takes out the item at a position. `None`: there is none.
    pub(super) fn take(&self, parent: &Parent, at: usize) -> PyResult<Option<Child>> {
        let mut list = self.list();
        let Some(item) = list.get(at) else {
            return Ok(None);
        };
        parent.remove(&item.kind).map_err(runtime_error)?;
        Ok(Some(list.remove(at)))
    }

    /// Takes out the item of this Python object.
    pub(super) fn take_out(&self, parent: &Parent, object: &Py<PyAny>) -> PyResult<Child> {
        let at = self.list().iter().position(|it| it.object.is(object));
        let taken = at.map(|at| self.take(parent, at)).transpose()?;
        taken
            .flatten()
            .ok_or_else(|| PyValueError::new_err("the item is not in this menu"))
    }

    /// Whether `other` is this, or below it.
    fn holds(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        let below = |it: &Child| it.below.as_ref().is_some_and(|it| it.holds(other));
        Arc::ptr_eq(self, other) || self.list().iter().any(below)
    }

    /// How many menus are nested here, this one included.
    fn height(&self) -> usize {
        let list = self.list();
        let below = list.iter().filter_map(|it| it.below.as_ref());
        1 + below.map(|it| it.height()).max().unwrap_or(0)
    }

    fn sink(&self, level: usize) {
        self.level.fetch_max(level, Ordering::Relaxed);
        for item in &*self.list() {
            if let Some(below) = &item.below {
                below.sink(level + 1);
            }
        }
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Who holds the lock uses the menu, so it is not garbage.
        if let Ok(list) = self.list.try_lock() {
            for item in &*list {
                visit.call(&item.object)?;
            }
        }
        Ok(())
    }

    pub(super) fn clear(&self) {
        let list = std::mem::take(&mut *self.list());
        drop(list);
    }
}
