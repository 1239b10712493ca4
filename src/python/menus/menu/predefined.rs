//! Defines the Python class `PredefinedMenuItem`: items that the system itself carries out.

use pyo3::prelude::*;
use tauri::{
    Wry,
    menu::{AboutMetadata as Metadata, MenuId, MenuItemKind, PredefinedMenuItem as Predefined},
};

#[cfg(target_os = "linux")]
use super::{editing_items, handlers};
use super::{
    held::Held,
    items::{named, with_text},
};
#[cfg(target_os = "linux")]
use crate::desktop::menus::editing;
use crate::python::{
    app::{app_handle::AppHandle, manager::AnyManager},
    convert::{checked::Text, errors::runtime_error},
    menus::{image::image::Icon, main_thread},
};

/// What a dialog about the app says.
#[pyclass(frozen, module = "transom.menu")]
pub(crate) struct AboutMetadata(Metadata<'static>);

#[pymethods]
impl AboutMetadata {
    #[new]
    #[pyo3(signature = (
        *, name=None, version=None, short_version=None, authors=None, comments=None, copyright=None,
        license=None, website=None, website_label=None, credits=None, icon=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keyword arguments")]
    fn new(
        name: Option<Text>,
        version: Option<Text>,
        short_version: Option<Text>,
        authors: Option<Vec<Text>>,
        comments: Option<Text>,
        copyright: Option<Text>,
        license: Option<Text>,
        website: Option<Text>,
        website_label: Option<Text>,
        credits: Option<Text>,
        icon: Option<Icon>,
    ) -> Self {
        let text = |text: Option<Text>| text.map(|text| text.0);
        Self(Metadata {
            name: text(name),
            version: text(version),
            short_version: text(short_version),
            authors: authors.map(|all| all.into_iter().map(|it| it.0).collect()),
            comments: text(comments),
            copyright: text(copyright),
            license: text(license),
            website: text(website),
            website_label: text(website_label),
            credits: text(credits),
            icon: icon.map(|icon| icon.0),
        })
    }
}

/// An item that the system itself carries out; no handler is called for it.
///
/// Linux shows only `separator`, `copy`, `cut`, `paste`, `select_all` and `about`.
#[pyclass(frozen, weakref, module = "transom.menu")]
pub(crate) struct PredefinedMenuItem {
    pub(super) held: Held<PredefinedItem>,
}

/// An item of Tauri's, or one of ours in the place of such a one.
#[derive(Clone)]
pub(super) enum PredefinedItem {
    OfTauri(Predefined<Wry>),
    #[cfg(target_os = "linux")]
    Editing(tauri::menu::MenuItem<Wry>),
}

macro_rules! either {
    ($self:ident, $item:ident => $what:expr) => {
        match $self {
            Self::OfTauri($item) => $what,
            #[cfg(target_os = "linux")]
            Self::Editing($item) => $what,
        }
    };
}

impl PredefinedItem {
    fn id(&self) -> &MenuId {
        either!(self, item => item.id())
    }

    fn text(&self) -> tauri::Result<String> {
        either!(self, item => item.text())
    }

    fn set_text(&self, text: String) -> tauri::Result<()> {
        either!(self, item => item.set_text(text))
    }

    pub(super) fn kind(&self) -> MenuItemKind<Wry> {
        match self.clone() {
            Self::OfTauri(item) => MenuItemKind::Predefined(item),
            #[cfg(target_os = "linux")]
            Self::Editing(item) => MenuItemKind::MenuItem(item),
        }
    }
}

named!(PredefinedMenuItem);
with_text!(PredefinedMenuItem);

fn make(
    manager: &Bound<'_, PyAny>,
    make: impl FnOnce(&tauri::AppHandle<Wry>) -> tauri::Result<PredefinedItem> + Send + 'static,
) -> PyResult<PredefinedMenuItem> {
    let py = manager.py();
    let manager = AnyManager::of(manager)?;
    let app = manager.app.clone();
    let item = main_thread::ask(py, &manager.app, move || make(&app).map_err(runtime_error))?;
    let held = Held::new(&manager, item);
    Ok(PredefinedMenuItem { held })
}

macro_rules! predefined {
    ($($name:ident),* $(,)?) => {
        #[pymethods]
        impl PredefinedMenuItem {
            $(#[staticmethod]
            #[pyo3(signature = (manager, text=None, /))]
            fn $name(manager: &Bound<'_, PyAny>, text: Option<Text>) -> PyResult<Self> {
                let text = text.map(|text| text.0);
                make(manager, move |app| {
                    Predefined::$name(app, text.as_deref()).map(PredefinedItem::OfTauri)
                })
            })*
        }
    };
}

/// The items by which a page copies, pastes and so on.
macro_rules! editing {
    ($($name:ident: $command:ident),* $(,)?) => {
        #[pymethods]
        impl PredefinedMenuItem {
            $(#[staticmethod]
            #[pyo3(signature = (manager, text=None, /))]
            fn $name(manager: &Bound<'_, PyAny>, text: Option<Text>) -> PyResult<Self> {
                let text = text.map(|text| text.0);
                make(manager, move |app| {
                    #[cfg(target_os = "linux")]
                    {
                        handlers::hook(app);
                        editing_items::item(app, editing::$command, text.as_deref())
                            .map(PredefinedItem::Editing)
                    }
                    #[cfg(not(target_os = "linux"))]
                    Predefined::$name(app, text.as_deref()).map(PredefinedItem::OfTauri)
                })
            })*
        }
    };
}

editing!(
    copy: COPY,
    cut: CUT,
    paste: PASTE,
    select_all: SELECT_ALL,
    undo: UNDO,
    redo: REDO,
);

predefined!(
    minimize,
    maximize,
    fullscreen,
    hide,
    hide_others,
    show_all,
    close_window,
    quit,
    services,
    bring_all_to_front,
);

#[pymethods]
impl PredefinedMenuItem {
    /// A line between other items.
    #[staticmethod]
    #[pyo3(signature = (manager, /))]
    fn separator(manager: &Bound<'_, PyAny>) -> PyResult<Self> {
        make(manager, |app| {
            Predefined::separator(app).map(PredefinedItem::OfTauri)
        })
    }

    /// Shows a dialog about the app.
    #[staticmethod]
    #[pyo3(signature = (manager, text=None, metadata=None, /))]
    fn about(
        manager: &Bound<'_, PyAny>,
        text: Option<Text>,
        metadata: Option<&Bound<'_, AboutMetadata>>,
    ) -> PyResult<Self> {
        let text = text.map(|text| text.0);
        let metadata = metadata.map(|metadata| metadata.get().0.clone());
        make(manager, move |app| {
            Predefined::about(app, text.as_deref(), metadata).map(PredefinedItem::OfTauri)
        })
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<AboutMetadata>()?;
    module.add_class::<PredefinedMenuItem>()
}
