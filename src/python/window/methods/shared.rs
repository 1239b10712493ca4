//! Defines the methods of windows and their pages that only call Tauri, with the GIL released.

use pyo3::prelude::*;
use tauri::Manager as _;

use crate::python::window::{
    webview::{Webview, Window},
    webview_window::{WebviewWindow, check_open},
};
use crate::python::{
    app::app_handle,
    convert::checked::{Count, Rgba, Text, Zoom, color_of},
    values::{
        cookie::Cookie,
        effects::Effects,
        enums::{
            cursor_icon::CursorIcon, theme::Theme, title_bar_style::TitleBarStyle,
            user_attention::UserAttentionType,
        },
        geometry::{
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

macro_rules! getters {
    ([$($class:ident),*] $all:tt) => {$(getters!($class $all);)*};
    ($class:ident { $($name:ident -> $type:ty),* $(,)? }) => {
        #[pymethods]
        impl $class {
            $(fn $name(&self, py: Python<'_>) -> PyResult<$type> {
                let own: &WebviewWindow = self.as_ref();
                Ok(own.ask(py, |window| window.$name())?.into())
            })*
        }
    };
}

macro_rules! acts {
    ([$($class:ident),*] $all:tt) => {$(acts!($class $all);)*};
    ($class:ident { $($name:ident),* $(,)? }) => {
        #[pymethods]
        impl $class {
            $(fn $name(&self, py: Python<'_>) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                own.ask(py, |window| window.$name())
            })*
        }
    };
}

/// Each line: `name(argument: type) |value| what Tauri takes`.
macro_rules! setters {
    ([$($class:ident),*] $all:tt) => {
        $(setters!($class $all);)*
        setters!(@read $all);
    };
    ($class:ident { $($name:ident($arg:ident: $type:ty) $into:expr;)* }) => {
        #[pymethods]
        impl $class {
            $(#[pyo3(signature = ($arg, /))]
            fn $name(&self, py: Python<'_>, $arg: $type) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                own.ask(py, |window| window.$name($into))
            })*
        }
    };
    (@read { $($name:ident($arg:ident: $type:ty) $into:expr;)* }) => {
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

/// Takes an argument that could be read.
fn read<T>(_: T) {}

getters!([WebviewWindow, Window] {
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
});

acts!([WebviewWindow, Window] {
    center,
    maximize,
    unmaximize,
    minimize,
    unminimize,
    show,
    hide,
    set_focus,
    start_dragging,
});

acts!([WebviewWindow, Webview] {
    print,
    reload,
    clear_all_browsing_data,
});

setters!([WebviewWindow, Window] {
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
    set_badge_count(count: Option<Count>) count.map(|count| count.0);
    set_cursor_icon(icon: CursorIcon) icon.into();
    set_cursor_position(position: Position) position;
    set_position(position: Position) position;
    set_size(size: Extent) size.0;
    set_min_size(size: Option<LeastExtent>) size.map(|size| size.0);
    set_max_size(size: Option<Size>) size;
    set_theme(theme: Option<Theme>) theme.map(Into::into);
    set_effects(effects: Option<Effects>) effects.map(|effects| effects.0);
    set_progress_bar(state: ProgressBarState) state.into();
    set_title_bar_style(style: TitleBarStyle) style.into();
    request_user_attention(kind: Option<UserAttentionType>) kind.map(Into::into);
});

setters!([WebviewWindow, Webview] {
    eval(js: Text) js.0;
    set_zoom(scale_factor: Zoom) scale_factor.0;
    set_cookie(cookie: Cookie) cookie.0;
    delete_cookie(cookie: Cookie) cookie.0;
});

setters!([WebviewWindow] {
    set_background_color(color: Option<Rgba>) color.map(color_of);
});

#[cfg(target_os = "macos")]
setters!([WebviewWindow, Window] {
    set_badge_label(label: Option<Text>) label.map(|label| label.0);
});

macro_rules! by_hand {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            #[pyo3(signature = (ignore, /))]
            fn set_ignore_cursor_events(&self, py: Python<'_>, ignore: bool) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                own.ask(py, |window| {
                    #[cfg(target_os = "linux")]
                    realize(window)?;
                    window.set_ignore_cursor_events(ignore)
                })
            }
        }
    )*};
}

by_hand!(WebviewWindow, Window);

macro_rules! on_ui_thread {
    ($($class:ident),*) => {$(
        #[pymethods]
        impl $class {
            /// Run `f()` on the UI thread; return at once. The UI stands still while `f` runs.
            ///
            /// `ValueError` for an `async def`, which nobody would await, and for one that takes
            /// arguments.
            #[pyo3(signature = (f, /))]
            fn run_on_main_thread(&self, py: Python<'_>, f: &Bound<'_, PyAny>) -> PyResult<()> {
                let own: &WebviewWindow = self.as_ref();
                check_open(py, &own.window)?;
                app_handle::run_on_main_thread(py, own.window.app_handle(), f)
            }
        }
    )*};
}

on_ui_thread!(WebviewWindow, Webview, Window);

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
