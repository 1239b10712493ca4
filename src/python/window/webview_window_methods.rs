//! Defines the methods of `WebviewWindow` that only call Tauri, with the GIL released.

use pyo3::prelude::*;

use super::webview_window::WebviewWindow;
use crate::python::{
    convert::{
        checked::{Count, Finite, Rgba, Text, Zoom, color_of},
        errors::parse_url,
    },
    values::{
        cookie::Cookie,
        effects::Effects,
        enums::{
            cursor_icon::CursorIcon, theme::Theme, title_bar_style::TitleBarStyle,
            user_attention::UserAttentionType,
        },
        geometry::{
            monitor::Monitor,
            position::Position,
            size::{Extent, LeastExtent, Size},
        },
        progress_bar::ProgressBarState,
    },
};

/// Reads the arguments of the setters of `WebviewWindow` without a window, for `transom.testing`.
/// Its name is the one in errors.
#[pyclass(frozen, module = "transom._native", name = "WebviewWindow")]
pub(crate) struct WindowArgumentReader;

#[pymethods]
impl WebviewWindow {
    #[pyo3(signature = (ignore, /))]
    fn set_ignore_cursor_events(&self, py: Python<'_>, ignore: bool) -> PyResult<()> {
        self.ask(py, |window| {
            #[cfg(target_os = "linux")]
            realize(window)?;
            window.set_ignore_cursor_events(ignore)
        })
    }
}

/// Gives a window that was never shown its part of the window system: tao panics without it.
#[cfg(target_os = "linux")]
fn realize(window: &tauri::WebviewWindow<tauri::Wry>) -> tauri::Result<()> {
    use gtk::prelude::WidgetExt as _;

    let realized = window.clone();
    window.run_on_main_thread(move || {
        if let Ok(window) = realized.gtk_window() {
            window.realize();
        }
    })
}

/// Takes an argument that could be read.
fn read<T>(_: T) {}

macro_rules! getters {
    ($($name:ident -> $type:ty),* $(,)?) => {
        #[pymethods]
        impl WebviewWindow {
            $(fn $name(&self, py: Python<'_>) -> PyResult<$type> {
                Ok(self.ask(py, |window| window.$name())?.into())
            })*
        }
    };
}

macro_rules! acts {
    ($($name:ident),* $(,)?) => {
        #[pymethods]
        impl WebviewWindow {
            $(fn $name(&self, py: Python<'_>) -> PyResult<()> {
                self.ask(py, |window| window.$name())
            })*
        }
    };
}

/// Each line: `name(argument: type) |value| what Tauri takes`.
macro_rules! setters {
    ($($name:ident($arg:ident: $type:ty) $into:expr;)*) => {
        #[pymethods]
        impl WebviewWindow {
            $(#[pyo3(signature = ($arg, /))]
            fn $name(&self, py: Python<'_>, $arg: $type) -> PyResult<()> {
                self.ask(py, |window| window.$name($into))
            })*
        }

        #[pymethods]
        impl WindowArgumentReader {
            $(#[staticmethod]
            #[pyo3(signature = ($arg, /))]
            fn $name($arg: $type) {
                read($arg);
            })*
        }
    };
}

getters!(
    title -> String,
    theme -> Theme,
    scale_factor -> f64,
    inner_position -> (i32, i32),
    outer_position -> (i32, i32),
    inner_size -> (u32, u32),
    outer_size -> (u32, u32),
    cursor_position -> (f64, f64),
    is_fullscreen -> bool,
    is_minimized -> bool,
    is_maximized -> bool,
    is_focused -> bool,
    is_decorated -> bool,
    is_resizable -> bool,
    is_enabled -> bool,
    is_always_on_top -> bool,
    is_maximizable -> bool,
    is_minimizable -> bool,
    is_closable -> bool,
    is_visible -> bool,
);

acts!(
    center,
    maximize,
    unmaximize,
    minimize,
    unminimize,
    show,
    hide,
    set_focus,
    start_dragging,
    print,
    reload,
    clear_all_browsing_data,
);

setters!(
    eval(js: Text) js.0;
    set_title(title: Text) &title.0;
    set_resizable(resizable: bool) resizable;
    set_enabled(enabled: bool) enabled;
    set_maximizable(maximizable: bool) maximizable;
    set_minimizable(minimizable: bool) minimizable;
    set_closable(closable: bool) closable;
    set_decorations(decorations: bool) decorations;
    set_shadow(shadow: bool) shadow;
    set_always_on_bottom(always_on_bottom: bool) always_on_bottom;
    set_always_on_top(always_on_top: bool) always_on_top;
    set_visible_on_all_workspaces(visible: bool) visible;
    set_content_protected(protected: bool) protected;
    set_fullscreen(fullscreen: bool) fullscreen;
    set_skip_taskbar(skip: bool) skip;
    set_cursor_grab(grab: bool) grab;
    set_cursor_visible(visible: bool) visible;
    set_zoom(scale_factor: Zoom) scale_factor.0;
    set_badge_count(count: Option<Count>) count.map(|count| count.0);
    set_cursor_icon(icon: CursorIcon) icon.into();
    set_cursor_position(position: Position) position;
    set_position(position: Position) position;
    set_size(size: Extent) size.0;
    set_min_size(size: Option<LeastExtent>) size.map(|size| size.0);
    set_max_size(size: Option<Size>) size;
    set_theme(theme: Option<Theme>) theme.map(Into::into);
    set_background_color(color: Option<Rgba>) color.map(color_of);
    set_cookie(cookie: Cookie) cookie.0;
    delete_cookie(cookie: Cookie) cookie.0;
    set_effects(effects: Option<Effects>) effects.map(|effects| effects.0);
    set_progress_bar(state: ProgressBarState) state.into();
    set_title_bar_style(style: TitleBarStyle) style.into();
    request_user_attention(kind: Option<UserAttentionType>) kind.map(Into::into);
);

#[cfg(target_os = "macos")]
setters!(set_badge_label(label: Option<crate::python::convert::checked::Text>) label.map(|label| label.0););

#[pymethods]
impl WebviewWindow {
    /// The cookies of the webview, for all addresses.
    fn cookies(&self, py: Python<'_>) -> PyResult<Vec<Cookie>> {
        let cookies = self.ask(py, |window| window.cookies())?;
        Ok(cookies.into_iter().map(Cookie).collect())
    }

    /// The cookies that are sent to this address.
    #[pyo3(signature = (url, /))]
    fn cookies_for_url(&self, py: Python<'_>, url: &str) -> PyResult<Vec<Cookie>> {
        let url = parse_url("url", url)?;
        let cookies = self.ask(py, |window| window.cookies_for_url(url))?;
        Ok(cookies.into_iter().map(Cookie).collect())
    }

    fn current_monitor(&self, py: Python<'_>) -> PyResult<Option<Monitor>> {
        let monitor = self.ask(py, |window| window.current_monitor())?;
        Ok(monitor.map(Into::into))
    }

    fn primary_monitor(&self, py: Python<'_>) -> PyResult<Option<Monitor>> {
        let monitor = self.ask(py, |window| window.primary_monitor())?;
        Ok(monitor.map(Into::into))
    }

    #[pyo3(signature = (x, y, /))]
    fn monitor_from_point(
        &self,
        py: Python<'_>,
        x: Finite,
        y: Finite,
    ) -> PyResult<Option<Monitor>> {
        let monitor = self.ask(py, |window| window.monitor_from_point(x.0, y.0))?;
        Ok(monitor.map(Into::into))
    }

    fn available_monitors(&self, py: Python<'_>) -> PyResult<Vec<Monitor>> {
        let monitors = self.ask(py, |window| window.available_monitors())?;
        Ok(monitors.into_iter().map(Into::into).collect())
    }

    /// Asks the window to close. Does nothing if it is gone.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.request_close(py)
    }

    /// Closes the window without asking handlers.
    fn destroy(&self, py: Python<'_>) -> PyResult<()> {
        self.destroy_now(py)
    }
}

#[cfg(any(debug_assertions, feature = "wheel"))]
#[pymethods]
impl WebviewWindow {
    fn open_devtools(&self, py: Python<'_>) -> PyResult<()> {
        self.ask(py, |window| {
            window.open_devtools();
            Ok(())
        })
    }

    fn close_devtools(&self, py: Python<'_>) -> PyResult<()> {
        self.ask(py, |window| {
            window.close_devtools();
            Ok(())
        })
    }

    fn is_devtools_open(&self, py: Python<'_>) -> PyResult<bool> {
        self.ask(py, |window| Ok(window.is_devtools_open()))
    }
}
