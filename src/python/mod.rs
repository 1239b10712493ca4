//! The Python bindings: one noun per file. The only room that touches the interpreter.

mod abandoned;
#[cfg(feature = "wheel")]
mod app;
pub(crate) mod app_handle;
pub(crate) mod ask;
#[cfg(feature = "wheel")]
mod assets;
pub(crate) mod call;
pub(crate) mod callback;
pub(crate) mod callbacks;
mod cancels;
pub(crate) mod channel;
mod constants;
mod contention;
#[cfg(feature = "wheel")]
pub(crate) mod context;
pub(crate) mod cursor_icon;
#[cfg(feature = "wheel")]
mod deadman;
mod delivery;
pub(crate) use delivery::deliver_within;
pub(crate) mod drag_drop_event;
pub(crate) mod embed;
pub(crate) mod emitter;
#[cfg(feature = "wheel")]
mod ending;
pub(crate) mod errors;
pub(crate) mod event_name;
pub(crate) mod event_target;
mod gate;
pub(crate) mod gil;
mod host;
#[cfg(not(feature = "wheel"))]
mod hosted;
mod inbox;
mod labels;
pub(crate) mod listener;
mod logs;
pub(crate) mod manager;
pub(crate) mod mirror;
pub(crate) mod monitor;
pub(crate) mod navigation;
mod own;
mod page_call;
#[cfg(feature = "wheel")]
mod panics;
pub(crate) mod path;
pub(crate) mod position;
pub(crate) mod progress_bar;
pub(crate) mod queue;
mod reach;
pub(crate) mod rect;
#[cfg(feature = "wheel")]
mod signals;
// Without the wheel no Python callback is told of every event of the app.
#[cfg_attr(not(feature = "wheel"), expect(dead_code))]
pub(crate) mod run_event;
mod sampler;
mod scoped_handles;
pub(crate) mod size;
mod tasks;
mod testing;
pub(crate) mod theme;
pub(crate) mod title_bar_style;
pub(crate) mod user_attention;
mod waker;
mod watch;
pub(crate) mod webview;
pub(crate) mod webview_event;
pub(crate) mod webview_url;
pub(crate) mod webview_window;
pub(crate) mod webview_window_builder;
pub(crate) mod webview_window_methods;
pub(crate) mod window_arguments;
mod window_end;
pub(crate) mod window_event;
pub(crate) mod window_handlers;
mod window_life;
pub(crate) mod window_values;

use pyo3::prelude::*;

/// Adds the desktop: windows, events, channels and their value types.
fn register_desktop(module: &Bound<'_, PyModule>) -> PyResult<()> {
    for register in [
        app_handle::register,
        channel::register,
        cursor_icon::register,
        drag_drop_event::register,
        emitter::register,
        event_target::register,
        listener::register,
        manager::register,
        monitor::register,
        path::register,
        position::register,
        progress_bar::register,
        rect::register,
        run_event::register,
        size::register,
        theme::register,
        title_bar_style::register,
        user_attention::register,
        webview::register,
        webview_event::register,
        webview_url::register,
        webview_window::register,
        webview_window_builder::register,
        window_event::register,
    ] {
        register(module)?;
    }
    Ok(())
}

/// The native half of the package `transom`.
#[pymodule(gil_used = false)]
mod _native {
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        constants::register(module)?;
        module.add_class::<host::PythonHost>()?;
        module.add_class::<inbox::Inbox>()?;
        module.add_class::<call::PythonCall>()?;
        module.add_class::<cancels::Cancels>()?;
        module.add_class::<abandoned::Abandoned>()?;
        module.add_class::<window_end::WindowEnd>()?;
        callbacks::register(module)?;
        gil::register(module)?;
        logs::register(module)?;
        register_desktop(module)?;
        testing::register(module)?;
        #[cfg(feature = "wheel")]
        {
            context::register(module)?;
            app::register(module)?;
        }
        #[cfg(not(feature = "wheel"))]
        hosted::register(module)?;
        Ok(())
    }
}
