//! Defines the Python classes of items that can be chosen: plain ones, and those with a check mark
//! or an icon.

use pyo3::{PyTraverseError, PyVisit, prelude::*};
use tauri::{Wry, menu};

use super::{
    accelerator::{self, Accelerator},
    click::Click,
    held::Held,
    native_icon::NativeIcon,
};
use crate::python::{
    app::{app_handle::AppHandle, manager::AnyManager},
    convert::{checked::Text, errors::runtime_error},
    menus::{image::image::Icon, main_thread},
};

/// What all classes of items and menus have in common.
macro_rules! named {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// The app that it belongs to.
            fn app_handle(&self, py: Python<'_>) -> PyResult<Py<AppHandle>> {
                self.held.app_handle(py)
            }

            fn id(&self) -> PyResult<&str> {
                Ok(&self.held.get()?.id().0)
            }

            fn __repr__(&self) -> PyResult<String> {
                Ok(format!("<{} {:?}>", stringify!($class), self.id()?))
            }
        }
    )*};
}
pub(super) use named;

macro_rules! with_text {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            fn text(&self, py: Python<'_>) -> PyResult<String> {
                self.held.ask(py, |item| item.text())
            }

            /// Set the text. An `&` makes the next character the mnemonic; `&&` is an `&`.
            #[pyo3(signature = (text, /))]
            fn set_text(&self, py: Python<'_>, text: Text) -> PyResult<()> {
                self.held.ask(py, move |item| item.set_text(text.0))
            }
        }
    )*};
}
pub(super) use with_text;

macro_rules! can_be_disabled {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            fn is_enabled(&self, py: Python<'_>) -> PyResult<bool> {
                self.held.ask(py, |item| item.is_enabled())
            }

            #[pyo3(signature = (enabled, /))]
            fn set_enabled(&self, py: Python<'_>, enabled: bool) -> PyResult<()> {
                self.held.ask(py, move |item| item.set_enabled(enabled))
            }
        }
    )*};
}
pub(super) use can_be_disabled;

macro_rules! can_be_chosen {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// Set the keys that choose it; `ValueError` for keys that there are not.
            #[pyo3(signature = (accelerator, /))]
            fn set_accelerator(
                &self,
                py: Python<'_>,
                accelerator: Option<Accelerator>,
            ) -> PyResult<()> {
                let item = self.held.get()?.clone();
                main_thread::ask(py, &self.held.app, move || {
                    accelerator::set(accelerator, |text| item.set_accelerator(text))
                })
            }

            /// Replace `on_click`; `None` removes it.
            #[pyo3(signature = (on_click, /))]
            fn set_on_click(
                slf: &Bound<'_, Self>,
                on_click: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<()> {
                let this = slf.get();
                let app = &this.held.app;
                this.click.set(slf.as_any(), app, this.id()?, on_click)
            }

            /// The handler, for the function that calls it.
            fn _clicked(&self, py: Python<'_>) -> Option<Py<PyAny>> {
                self.click.func(py)
            }

            fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
                self.click.traverse(&visit)
            }

            fn __clear__(&self) {
                self.click.clear();
            }
        }
    )*};
}

/// An item with a text. Usable from every thread, as are all classes here.
#[pyclass(frozen, weakref, module = "transom.menu")]
pub(crate) struct MenuItem {
    pub(super) held: Held<menu::MenuItem<Wry>>,
    pub(super) click: Click,
}

/// An item with a check mark, which a click sets and removes.
#[pyclass(frozen, weakref, module = "transom.menu")]
pub(crate) struct CheckMenuItem {
    pub(super) held: Held<menu::CheckMenuItem<Wry>>,
    pub(super) click: Click,
}

/// An item with an icon.
#[pyclass(frozen, weakref, module = "transom.menu")]
pub(crate) struct IconMenuItem {
    pub(super) held: Held<menu::IconMenuItem<Wry>>,
    pub(super) click: Click,
}

named!(MenuItem, CheckMenuItem, IconMenuItem);
with_text!(MenuItem, CheckMenuItem, IconMenuItem);
can_be_disabled!(MenuItem, CheckMenuItem, IconMenuItem);
can_be_chosen!(MenuItem, CheckMenuItem, IconMenuItem);

/// Makes an item on the UI thread. It gets its accelerator afterwards, because Tauri would ignore
/// one that the system has not.
macro_rules! make {
    ($class:ident, $manager:ident, $accelerator:ident, $on_click:ident, |$app:ident| $item:expr) => {{
        let click = Click::new($on_click)?;
        let manager = AnyManager::of($manager)?;
        let $app = manager.app.clone();
        let item = main_thread::ask($manager.py(), &manager.app, move || {
            let item: menu::$class<Wry> = $item.map_err(runtime_error)?;
            accelerator::set($accelerator, |text| item.set_accelerator(text))?;
            Ok(item)
        })?;
        let held = Held::new(&manager, item);
        Ok($class { held, click })
    }};
}

const NONE: Option<&str> = None;

#[pymethods]
impl MenuItem {
    #[new]
    #[pyo3(signature = (manager, text, enabled=true, accelerator=None, /, *, on_click=None))]
    fn new(
        manager: &Bound<'_, PyAny>,
        text: Text,
        enabled: bool,
        accelerator: Option<Accelerator>,
        on_click: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        make!(MenuItem, manager, accelerator, on_click, |app| {
            menu::MenuItem::new(&app, text.0, enabled, NONE)
        })
    }

    #[staticmethod]
    #[pyo3(signature = (manager, id, text, enabled=true, accelerator=None, /, *, on_click=None))]
    fn with_id(
        manager: &Bound<'_, PyAny>,
        id: Text,
        text: Text,
        enabled: bool,
        accelerator: Option<Accelerator>,
        on_click: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        make!(MenuItem, manager, accelerator, on_click, |app| {
            menu::MenuItem::with_id(&app, id.0, text.0, enabled, NONE)
        })
    }
}

#[pymethods]
impl CheckMenuItem {
    #[new]
    #[pyo3(signature = (manager, text, enabled=true, checked=false, accelerator=None, /, *, on_click=None))]
    fn new(
        manager: &Bound<'_, PyAny>,
        text: Text,
        enabled: bool,
        checked: bool,
        accelerator: Option<Accelerator>,
        on_click: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        make!(CheckMenuItem, manager, accelerator, on_click, |app| {
            menu::CheckMenuItem::new(&app, text.0, enabled, checked, NONE)
        })
    }

    #[staticmethod]
    #[pyo3(signature = (manager, id, text, enabled=true, checked=false, accelerator=None, /, *, on_click=None))]
    fn with_id(
        manager: &Bound<'_, PyAny>,
        id: Text,
        text: Text,
        enabled: bool,
        checked: bool,
        accelerator: Option<Accelerator>,
        on_click: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        make!(CheckMenuItem, manager, accelerator, on_click, |app| {
            menu::CheckMenuItem::with_id(&app, id.0, text.0, enabled, checked, NONE)
        })
    }

    fn is_checked(&self, py: Python<'_>) -> PyResult<bool> {
        self.held.ask(py, |item| item.is_checked())
    }

    /// Set or remove the check mark; calls no handler.
    #[pyo3(signature = (checked, /))]
    fn set_checked(&self, py: Python<'_>, checked: bool) -> PyResult<()> {
        self.held.ask(py, move |item| item.set_checked(checked))
    }
}

#[pymethods]
impl IconMenuItem {
    #[new]
    #[pyo3(signature = (manager, text, enabled=true, icon=None, accelerator=None, /, *, on_click=None))]
    fn new(
        manager: &Bound<'_, PyAny>,
        text: Text,
        enabled: bool,
        icon: Option<Icon>,
        accelerator: Option<Accelerator>,
        on_click: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        make!(IconMenuItem, manager, accelerator, on_click, |app| {
            menu::IconMenuItem::new(&app, text.0, enabled, icon.map(|icon| icon.0), NONE)
        })
    }

    #[staticmethod]
    #[pyo3(signature = (manager, id, text, enabled=true, icon=None, accelerator=None, /, *, on_click=None))]
    fn with_id(
        manager: &Bound<'_, PyAny>,
        id: Text,
        text: Text,
        enabled: bool,
        icon: Option<Icon>,
        accelerator: Option<Accelerator>,
        on_click: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        make!(IconMenuItem, manager, accelerator, on_click, |app| {
            let icon = icon.map(|icon| icon.0);
            menu::IconMenuItem::with_id(&app, id.0, text.0, enabled, icon, NONE)
        })
    }

    #[staticmethod]
    #[pyo3(signature = (manager, text, enabled=true, native_icon=None, accelerator=None, /, *, on_click=None))]
    fn with_native_icon(
        manager: &Bound<'_, PyAny>,
        text: Text,
        enabled: bool,
        native_icon: Option<NativeIcon>,
        accelerator: Option<Accelerator>,
        on_click: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        make!(IconMenuItem, manager, accelerator, on_click, |app| {
            let icon = native_icon.map(Into::into);
            menu::IconMenuItem::with_native_icon(&app, text.0, enabled, icon, NONE)
        })
    }

    #[staticmethod]
    #[pyo3(signature = (manager, id, text, enabled=true, native_icon=None, accelerator=None, /, *, on_click=None))]
    fn with_id_and_native_icon(
        manager: &Bound<'_, PyAny>,
        id: Text,
        text: Text,
        enabled: bool,
        native_icon: Option<NativeIcon>,
        accelerator: Option<Accelerator>,
        on_click: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        make!(IconMenuItem, manager, accelerator, on_click, |app| {
            let icon = native_icon.map(Into::into);
            menu::IconMenuItem::with_id_and_native_icon(&app, id.0, text.0, enabled, icon, NONE)
        })
    }

    #[pyo3(signature = (icon, /))]
    fn set_icon(&self, py: Python<'_>, icon: Option<Icon>) -> PyResult<()> {
        self.held
            .ask(py, move |item| item.set_icon(icon.map(|icon| icon.0)))
    }

    #[pyo3(signature = (native_icon, /))]
    fn set_native_icon(&self, py: Python<'_>, native_icon: Option<NativeIcon>) -> PyResult<()> {
        self.held.ask(py, move |item| {
            item.set_native_icon(native_icon.map(Into::into))
        })
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<MenuItem>()?;
    module.add_class::<CheckMenuItem>()?;
    module.add_class::<IconMenuItem>()
}
