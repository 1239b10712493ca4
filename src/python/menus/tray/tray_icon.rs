//! Defines the Python class `TrayIcon`.
//!
//! Tauri's object may be used on the UI thread only, even to be copied. So a Python object has the
//! id alone, by which the UI thread finds it.

use std::sync::Arc;

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use tauri::{Wry, tray::TrayIcon as Shown};

use crate::python::{
    app::app_handle::AppHandle,
    convert::{
        checked::{FilePath, Text},
        errors::runtime_error,
    },
    host::reach::Reach,
    menus::{
        image::image::Icon,
        main_thread,
        menu::{
            held::handle_of,
            shown::{
                context_menu::AnyMenu,
                placed::{self, MenuPlacement},
            },
        },
    },
    values::geometry::rect::Rect,
};

/// An icon in the tray, usable from every thread.
///
/// It stays in the tray until `AppHandle.remove_tray_by_id` removes it, also when this object goes.
/// Then its methods raise `RuntimeError`.
#[pyclass(frozen, weakref, module = "transom.tray")]
pub(crate) struct TrayIcon {
    pub(super) app: tauri::AppHandle<Wry>,
    pub(super) reach: Option<Arc<Reach>>,
    pub(super) id: String,
}

impl TrayIcon {
    pub(super) fn of(app: tauri::AppHandle<Wry>, reach: Option<Arc<Reach>>, id: String) -> Self {
        Self { app, reach, id }
    }

    /// Runs `f` on the UI thread. `RuntimeError` if the icon is gone.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        py: Python<'_>,
        f: impl FnOnce(&Shown<Wry>) -> tauri::Result<T> + Send + 'static,
    ) -> PyResult<T> {
        let (app, id) = (self.app.clone(), self.id.clone());
        main_thread::ask(py, &self.app, move || {
            let tray = app.tray_by_id(id.as_str()).ok_or_else(|| {
                PyRuntimeError::new_err(format!("the tray icon `{id}` is removed"))
            })?;
            f(&tray).map_err(runtime_error)
        })
    }
}

#[pymethods]
impl TrayIcon {
    /// The app that it belongs to.
    fn app_handle(&self, py: Python<'_>) -> PyResult<Py<AppHandle>> {
        handle_of(py, &self.app, self.reach.as_ref())
    }

    fn id(&self) -> &str {
        &self.id
    }

    #[pyo3(signature = (icon, /))]
    fn set_icon(&self, py: Python<'_>, icon: Option<Icon>) -> PyResult<()> {
        self.ask(py, move |tray| tray.set_icon(icon.map(|icon| icon.0)))
    }

    /// Set the menu. On Linux one can be replaced, but not removed.
    #[pyo3(signature = (menu, /))]
    fn set_menu(&self, py: Python<'_>, menu: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let shown = menu.map(AnyMenu::of).transpose()?;
        let sets = shown.is_some() || !cfg!(target_os = "linux");
        self.ask(py, move |tray| match shown {
            Some(AnyMenu::Menu(menu)) => tray.set_menu(Some(menu)),
            Some(AnyMenu::Submenu(menu)) => tray.set_menu(Some(menu)),
            None if sets => tray.set_menu(None::<tauri::menu::Menu<Wry>>),
            None => Ok(()),
        })?;
        if sets {
            let kept = menu.map(|menu| menu.clone().unbind());
            placed::put(MenuPlacement::Tray(self.id.clone()), kept);
        }
        Ok(())
    }

    /// Set the text under the mouse. Linux shows none.
    #[pyo3(signature = (tooltip, /))]
    fn set_tooltip(&self, py: Python<'_>, tooltip: Option<Text>) -> PyResult<()> {
        self.ask(py, move |tray| tray.set_tooltip(tooltip.map(|it| it.0)))
    }

    /// Set the text beside the icon. Windows shows none.
    #[pyo3(signature = (title, /))]
    fn set_title(&self, py: Python<'_>, title: Option<Text>) -> PyResult<()> {
        self.ask(py, move |tray| tray.set_title(title.map(|it| it.0)))
    }

    #[pyo3(signature = (visible, /))]
    fn set_visible(&self, py: Python<'_>, visible: bool) -> PyResult<()> {
        self.ask(py, move |tray| tray.set_visible(visible))
    }

    /// Set the folder for the file of the icon, which Linux needs.
    #[pyo3(signature = (path, /))]
    fn set_temp_dir_path(&self, py: Python<'_>, path: Option<FilePath>) -> PyResult<()> {
        self.ask(py, move |tray| tray.set_temp_dir_path(path.map(|it| it.0)))
    }

    /// Have macOS colour the icon like those of the system.
    #[pyo3(signature = (is_template, /))]
    fn set_icon_as_template(&self, py: Python<'_>, is_template: bool) -> PyResult<()> {
        self.ask(py, move |tray| tray.set_icon_as_template(is_template))
    }

    /// Whether a left click shows the menu. Linux always does.
    #[pyo3(signature = (enable, /))]
    fn set_show_menu_on_left_click(&self, py: Python<'_>, enable: bool) -> PyResult<()> {
        self.ask(py, move |tray| tray.set_show_menu_on_left_click(enable))
    }

    /// Where the icon is on the screen; `None` on Linux.
    fn rect(&self, py: Python<'_>) -> PyResult<Option<Rect>> {
        let rect = self.ask(py, |tray| tray.rect())?;
        Ok(rect.map(Into::into))
    }

    fn __repr__(&self) -> String {
        format!("<TrayIcon {:?}>", self.id)
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<TrayIcon>()
}
