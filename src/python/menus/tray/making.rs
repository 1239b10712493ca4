//! Defines how a `TrayIcon` is made, and who is told of its events.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
};
use tauri::{Wry, tray::TrayIconBuilder};

use super::{handlers, tray_icon::TrayIcon};
use crate::desktop::menus::tray_support::{self, NO_LIBRARY};
use crate::python::{
    app::manager::AnyManager,
    callbacks::{callback::Callback, subscription::Subscription},
    convert::{
        checked::{Text, checked},
        errors::runtime_error,
    },
    gil,
    menus::{
        image::image::Icon,
        main_thread,
        menu::{
            handlers as menu_handlers,
            shown::{
                context_menu::AnyMenu,
                placed::{self, MenuPlacement},
            },
        },
    },
};

checked! {
    /// The id of a tray icon, which Linux puts into the name of a file.
    TrayId(String): "an id of a tray icon, 1 to 100 characters without `/` and NUL", |it| {
        !it.is_empty() && it.chars().count() <= 100 && !it.contains(['/', '\0'])
    };
}

/// What a tray icon starts with.
#[derive(Default)]
struct Start {
    icon: Option<Icon>,
    menu: Option<AnyMenu>,
    tooltip: Option<Text>,
    title: Option<Text>,
}

impl Start {
    fn build(self, app: &tauri::AppHandle<Wry>, id: &str) -> tauri::Result<()> {
        let mut builder = TrayIconBuilder::with_id(id);
        if let Some(icon) = self.icon {
            builder = builder.icon(icon.0);
        }
        builder = match self.menu {
            Some(AnyMenu::Menu(menu)) => builder.menu(&menu),
            Some(AnyMenu::Submenu(menu)) => builder.menu(&menu),
            None => builder,
        };
        if let Some(tooltip) = self.tooltip {
            builder = builder.tooltip(tooltip.0);
        }
        if let Some(title) = self.title {
            builder = builder.title(title.0);
        }
        builder.build(app).map(drop)
    }
}

impl TrayIcon {
    /// Shows a new icon. `PermissionError` unless every window may be reached.
    fn make(
        manager: &Bound<'_, PyAny>,
        id: Option<TrayId>,
        icon: Option<Icon>,
        menu: Option<&Bound<'_, PyAny>>,
        tooltip: Option<Text>,
        title: Option<Text>,
    ) -> PyResult<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let py = manager.py();
        let manager = AnyManager::of(manager)?;
        manager.check_everywhere()?;
        if !tray_support::has_library() {
            return Err(PyRuntimeError::new_err(NO_LIBRARY));
        }
        let id = id.map_or_else(
            || format!("tray-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
            |id| id.0,
        );
        let start = Start {
            icon,
            menu: menu.map(AnyMenu::of).transpose()?,
            tooltip,
            title,
        };
        let (app, own) = (manager.app.clone(), id.clone());
        main_thread::ask(py, &manager.app, move || {
            if app.tray_by_id(own.as_str()).is_some() {
                return Err(PyValueError::new_err(format!(
                    "there is a tray icon `{own}` already; `app_handle.tray_by_id` gives it"
                )));
            }
            start.build(&app, &own).map_err(runtime_error)
        })?;
        // Of one with the same id that a page has removed.
        handlers::tray_ended(&id);
        placed::put(
            MenuPlacement::Tray(id.clone()),
            menu.map(|it| it.clone().unbind()),
        );
        gil::detach(py, warn_without_host);
        Ok(Self::of(manager.app.clone(), manager.reach.clone(), id))
    }
}

/// Says once that nobody shows tray icons.
fn warn_without_host() {
    static ASKED: AtomicBool = AtomicBool::new(false);
    if !ASKED.swap(true, Ordering::AcqRel) && !tray_support::has_host() {
        log::warn!(
            "nothing on this desktop shows tray icons, so those of the app are not seen; \
             `transom.tray.has_host()` says whether that is so"
        );
    }
}

#[pymethods]
impl TrayIcon {
    #[new]
    #[pyo3(signature = (manager, /, *, icon=None, menu=None, tooltip=None, title=None))]
    fn new(
        manager: &Bound<'_, PyAny>,
        icon: Option<Icon>,
        menu: Option<&Bound<'_, PyAny>>,
        tooltip: Option<Text>,
        title: Option<Text>,
    ) -> PyResult<Self> {
        Self::make(manager, None, icon, menu, tooltip, title)
    }

    /// Show an icon with an id; `ValueError` where there is one with that id.
    #[staticmethod]
    #[pyo3(signature = (manager, id, /, *, icon=None, menu=None, tooltip=None, title=None))]
    fn with_id(
        manager: &Bound<'_, PyAny>,
        id: TrayId,
        icon: Option<Icon>,
        menu: Option<&Bound<'_, PyAny>>,
        tooltip: Option<Text>,
        title: Option<Text>,
    ) -> PyResult<Self> {
        Self::make(manager, Some(id), icon, menu, tooltip, title)
    }

    /// Call `handler(tray_icon, event)` off the UI thread, until the icon is removed.
    ///
    /// Linux tells of no events: there a click opens the menu.
    #[pyo3(signature = (handler, /))]
    fn on_tray_icon_event(
        &self,
        py: Python<'_>,
        handler: &Bound<'_, PyAny>,
    ) -> PyResult<Subscription> {
        let callback = Callback::new(handler)?;
        self.ask(py, |_| Ok(()))?;
        let (tray, reach) = (Some(self.id.clone()), self.reach.clone());
        Ok(handlers::add(py, &self.app, tray, reach, callback))
    }

    /// The same as `AppHandle.on_menu_event`.
    #[pyo3(signature = (handler, /))]
    fn on_menu_event(&self, py: Python<'_>, handler: &Bound<'_, PyAny>) -> PyResult<Subscription> {
        let callback = Callback::new(handler)?;
        self.ask(py, |_| Ok(()))?;
        let reach = self.reach.clone();
        Ok(menu_handlers::add_for_app(py, &self.app, reach, callback))
    }
}

/// Whether something on this desktop shows tray icons.
///
/// On Linux it asks the session bus for a host of StatusNotifierItem, 1 s at most.
#[pyfunction]
fn has_host(py: Python<'_>) -> bool {
    gil::detach(py, tray_support::has_host)
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(has_host, module)?)
}
