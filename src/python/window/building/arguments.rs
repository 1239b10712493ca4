//! Reads the keyword arguments of a new window and applies them to Tauri's builder.

use std::sync::Arc;

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyTuple},
};
use tauri::{
    AppHandle, Wry,
    webview::{DownloadEvent, NewWindowResponse},
};

use super::{
    navigation::{self, Navigation},
    url_policy::Gate,
};
use crate::desktop::webview::private_window;
#[cfg(feature = "menus")]
use crate::python::menus::menu::containers::Menu;
use crate::python::{
    callbacks::callback::Callback,
    convert::{
        checked::{Coordinate, FilePath, Least, Length, Rgba, Side, Text, color_of},
        errors::parse_url,
    },
    gil,
    host::reach::Reach,
    values::{effects::Effects, enums::theme::Theme, geometry::size::Size},
    window::webview_window::WebviewWindow,
};

pub(super) type WindowBuilder<'a> = tauri::WebviewWindowBuilder<'a, Wry, AppHandle<Wry>>;
/// Applies one argument to the builder. Needs no GIL.
type Step = Box<dyn for<'a> FnOnce(WindowBuilder<'a>) -> tauri::Result<WindowBuilder<'a>> + Send>;

/// The arguments, in the order in which they were given.
#[derive(Default)]
pub(crate) struct WindowArguments {
    steps: Vec<Step>,
    navigation: Navigation,
    new_window: Gate,
    download: Gate,
    reach: Option<Arc<Reach>>,
    incognito: Option<bool>,
    /// The Python object of the window's menu.
    #[cfg(feature = "menus")]
    pub(super) menu: Option<Py<Menu>>,
}

impl WindowArguments {
    /// `TypeError` for an unknown name, or a value of the wrong type.
    ///
    /// Callbacks get windows with this `reach`.
    pub(crate) fn read(
        args: Option<&Bound<'_, PyDict>>,
        reach: Option<&Arc<Reach>>,
    ) -> PyResult<Self> {
        let mut this = Self {
            reach: reach.cloned(),
            ..Self::default()
        };
        for (name, value) in args.into_iter().flatten() {
            let name: String = name.extract()?;
            if !NAMES.contains(&name.as_str()) {
                return Err(unknown(value.py(), &name));
            }
            this.take(&name, &value)
                .map_err(|err| named(err, &name, &value))?;
        }
        Ok(this)
    }

    /// Applies them to the builder of the window `label`.
    pub(crate) fn apply<'a>(
        self,
        builder: WindowBuilder<'a>,
        app: &AppHandle<Wry>,
        label: &str,
    ) -> tauri::Result<WindowBuilder<'a>> {
        let mut builder = builder;
        for step in self.steps {
            builder = step(builder)?;
        }
        if let Some(on) = self.incognito {
            builder = builder.incognito(on);
            if let Some(folder) = private_window::folder(app, label).filter(|_| on) {
                builder = builder.data_directory(folder);
            }
        }
        if self.navigation.gate.is_set() {
            let navigation = self.navigation;
            builder = builder.on_navigation(move |url| navigation.allows(url));
        }
        if self.new_window.is_set() {
            let gate = self.new_window;
            builder = builder.on_new_window(move |url, _| {
                if navigation::allows_new_window(&gate, &url) {
                    NewWindowResponse::Allow
                } else {
                    NewWindowResponse::Deny
                }
            });
        }
        if self.download.is_set() {
            let gate = self.download;
            builder = builder.on_download(move |_, event| match event {
                DownloadEvent::Requested { url, destination } => {
                    navigation::allows_download(&gate, &url, destination)
                }
                _ => true,
            });
        }
        Ok(builder)
    }

    fn step(
        &mut self,
        step: impl for<'a> FnOnce(WindowBuilder<'a>) -> tauri::Result<WindowBuilder<'a>>
        + Send
        + 'static,
    ) {
        self.steps.push(Box::new(step));
    }
}

/// Adds to a conversion error which argument it is about.
fn named(err: PyErr, name: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let py = value.py();
    let text = format!("argument `{name}`: {}", err.value(py));
    if err.is_instance_of::<PyTypeError>(py) {
        PyTypeError::new_err(text)
    } else if err.is_instance_of::<PyValueError>(py) {
        PyValueError::new_err(text)
    } else {
        err
    }
}

fn unknown(py: Python<'_>, name: &str) -> PyErr {
    let nearest = || -> PyResult<Option<String>> {
        let found = py
            .import("difflib")?
            .call_method1("get_close_matches", (name, NAMES, 1))?;
        Ok(found.extract::<Vec<String>>()?.pop())
    };
    let hint = match nearest() {
        Ok(Some(nearest)) => format!("; did you mean `{nearest}`?"),
        _ => format!("; there are: {}", NAMES.join(", ")),
    };
    PyTypeError::new_err(format!("unexpected argument `{name}`{hint}"))
}

/// The table of arguments, by kind: `name(type) |builder, value| …`.
macro_rules! arguments {
    (
        special { $($(#[$only:meta])* $special:ident => $take:path;)* }
        flags { $($flag:ident),* $(,)? }
        values { $($(#[$cfg:meta])* $name:ident($type:ty) |$builder:ident, $value:ident| $apply:expr;)* }
    ) => {
        const NAMES: &[&str] = &[
            $($(#[$only])* stringify!($special),)*
            $(stringify!($flag),)*
            $($(#[$cfg])* stringify!($name),)*
        ];

        impl WindowArguments {
            fn take(&mut self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
                match name {
                    $($(#[$only])* stringify!($special) => $take(self, value)?,)*
                    // These act only when true.
                    $(stringify!($flag) => {
                        if value.extract::<bool>()? {
                            self.step(|builder| Ok(builder.$flag()));
                        }
                    })*
                    $($(#[$cfg])* stringify!($name) => {
                        let $value: $type = value.extract()?;
                        self.step(move |$builder| $apply);
                    })*
                    // `read` has looked the name up in `NAMES`, made from the same table.
                    _ => return Err(unknown(value.py(), name)),
                }
                Ok(())
            }
        }
    };
}

arguments! {
    special {
        on_navigation => on_navigation;
        allow_navigation => allow_navigation;
        on_new_window => on_new_window;
        allow_new_window => allow_new_window;
        on_download => on_download;
        allow_download => allow_download;
        on_document_title_changed => on_document_title_changed;
        proxy_url => proxy_url;
        incognito => incognito;
        parent => parent;
        #[cfg(feature = "menus")]
        menu => menu;
        #[cfg(windows)]
        owner => owner;
        #[cfg(any(
            target_os = "linux",
            target_os = "dragonfly",
            target_os = "freebsd",
            target_os = "netbsd",
            target_os = "openbsd"
        ))]
        transient_for => transient_for;
    }
    flags {
        center, prevent_overflow, disable_drag_drop_handler, enable_clipboard_access, auto_resize,
        disable_javascript,
    }
    values {
        title(Text) |builder, title| Ok(builder.title(title.0));
        position((Coordinate, Coordinate)) |builder, at| Ok(builder.position(at.0.0, at.1.0));
        inner_size((Side, Side)) |builder, size| Ok(builder.inner_size(size.0.0, size.1.0));
        min_inner_size((Least, Least)) |builder, size| {
            Ok(builder.min_inner_size(size.0.0, size.1.0))
        };
        max_inner_size((Length, Length)) |builder, size| {
            Ok(builder.max_inner_size(size.0.0, size.1.0))
        };
        prevent_overflow_with_margin(Size) |builder, margin| {
            Ok(builder.prevent_overflow_with_margin(margin))
        };
        resizable(bool) |builder, on| Ok(builder.resizable(on));
        maximizable(bool) |builder, on| Ok(builder.maximizable(on));
        minimizable(bool) |builder, on| Ok(builder.minimizable(on));
        closable(bool) |builder, on| Ok(builder.closable(on));
        fullscreen(bool) |builder, on| Ok(builder.fullscreen(on));
        focusable(bool) |builder, on| Ok(builder.focusable(on));
        focused(bool) |builder, on| Ok(builder.focused(on));
        maximized(bool) |builder, on| Ok(builder.maximized(on));
        visible(bool) |builder, on| Ok(builder.visible(on));
        theme(Option<Theme>) |builder, theme| Ok(builder.theme(theme.map(Into::into)));
        decorations(bool) |builder, on| Ok(builder.decorations(on));
        always_on_bottom(bool) |builder, on| Ok(builder.always_on_bottom(on));
        always_on_top(bool) |builder, on| Ok(builder.always_on_top(on));
        visible_on_all_workspaces(bool) |builder, on| Ok(builder.visible_on_all_workspaces(on));
        content_protected(bool) |builder, on| Ok(builder.content_protected(on));
        skip_taskbar(bool) |builder, on| Ok(builder.skip_taskbar(on));
        window_classname(Text) |builder, name| Ok(builder.window_classname(name.0));
        shadow(bool) |builder, on| Ok(builder.shadow(on));
        accept_first_mouse(bool) |builder, on| Ok(builder.accept_first_mouse(on));
        initialization_script(Text) |builder, js| Ok(builder.initialization_script(js.0));
        initialization_script_for_all_frames(Text) |builder, js| {
            Ok(builder.initialization_script_for_all_frames(js.0))
        };
        user_agent(Text) |builder, agent| Ok(builder.user_agent(&agent.0));
        additional_browser_args(Text) |builder, args| Ok(builder.additional_browser_args(&args.0));
        data_directory(FilePath) |builder, path| Ok(builder.data_directory(path.0));
        // There Tauri has it for apps that leave the App Store alone.
        #[cfg(not(target_os = "macos"))]
        transparent(bool) |builder, on| Ok(builder.transparent(on));
        zoom_hotkeys_enabled(bool) |builder, on| Ok(builder.zoom_hotkeys_enabled(on));
        browser_extensions_enabled(bool) |builder, on| Ok(builder.browser_extensions_enabled(on));
        extensions_path(FilePath) |builder, path| Ok(builder.extensions_path(path.0));
        use_https_scheme(bool) |builder, on| Ok(builder.use_https_scheme(on));
        devtools(bool) |builder, on| Ok(builder.devtools(on));
        effects(Effects) |builder, effects| Ok(builder.effects(effects.0));
        background_color(Rgba) |builder, rgba| {
            Ok(builder.background_color(color_of(rgba)))
        };
        #[cfg(feature = "menus")]
        icon(crate::python::menus::image::image::Icon) |builder, icon| builder.icon(icon.0);
        #[cfg(windows)]
        drag_and_drop(bool) |builder, on| Ok(builder.drag_and_drop(on));
        #[cfg(target_os = "macos")]
        title_bar_style(crate::python::values::enums::title_bar_style::TitleBarStyle) |builder, style| {
            Ok(builder.title_bar_style(style.into()))
        };
        #[cfg(target_os = "macos")]
        traffic_light_position(crate::python::values::geometry::position::Position) |builder, at| {
            Ok(builder.traffic_light_position(at))
        };
        #[cfg(target_os = "macos")]
        allow_link_preview(bool) |builder, on| Ok(builder.allow_link_preview(on));
        #[cfg(target_os = "macos")]
        hidden_title(bool) |builder, on| Ok(builder.hidden_title(on));
        #[cfg(target_os = "macos")]
        tabbing_identifier(Text) |builder, id| Ok(builder.tabbing_identifier(&id.0));
    }
}

fn on_navigation(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    args.navigation.gate.set_callback(value)
}

fn on_new_window(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    args.new_window.set_callback(value)
}

fn allow_new_window(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    args.new_window.set_allowed(value)
}

fn on_download(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    args.download.set_callback(value)
}

fn allow_download(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    args.download.set_allowed(value)
}

fn allow_navigation(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    args.navigation.gate.set_allowed(value)
}

fn on_document_title_changed(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let callback = Callback::new(value)?;
    let reach = args.reach.clone();
    args.step(move |builder| {
        Ok(builder.on_document_title_changed(move |window, title| {
            let key = callback.key("title", window.label());
            let reach = reach.clone();
            callback.post(
                Some(key),
                move |py| -> PyResult<Bound<'_, PyTuple>> {
                    let window = gil::detach(py, || WebviewWindow::new_of(window, reach));
                    (window, title).into_pyobject(py)
                },
                None,
            );
        }))
    });
    Ok(())
}

fn proxy_url(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let url = parse_url("proxy_url", &value.extract::<String>()?)?;
    args.step(move |builder| Ok(builder.proxy_url(url)));
    Ok(())
}

fn incognito(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    args.incognito = Some(value.extract()?);
    Ok(())
}

fn parent(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let parent = value.cast::<WebviewWindow>()?.get().window.clone();
    args.step(move |builder| builder.parent(&parent));
    Ok(())
}

#[cfg(feature = "menus")]
fn menu(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let menu = value.cast::<Menu>()?;
    let shown = menu.get().held.get()?.clone();
    args.menu = Some(menu.clone().unbind());
    args.step(move |builder| Ok(builder.menu(shown)));
    Ok(())
}

#[cfg(windows)]
fn owner(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let owner = value.cast::<WebviewWindow>()?.get().window.clone();
    args.step(move |builder| builder.owner(&owner));
    Ok(())
}

#[cfg(any(
    target_os = "linux",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd"
))]
fn transient_for(args: &mut WindowArguments, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let parent = value.cast::<WebviewWindow>()?.get().window.clone();
    args.step(move |builder| builder.transient_for(&parent));
    Ok(())
}
