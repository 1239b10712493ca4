//! Implements the native Python module `transom._native`. Only this module uses the interpreter.
//!
//! | folder or file | job |
//! | --- | --- |
//! | `app` | building, running and ending an app |
//! | `host` | access to the actors, and an interpreter inside an app written in Rust |
//! | `executor` | running calls in this process: on an event loop or in threads |
//! | `callbacks` | calling Python callables for Tauri's events |
//! | `events` | events and channels between Python and the pages |
//! | `window` | windows: building, using and ending them |
//! | `menus` | (feature `menus`) menus, tray icons and images |
//! | `convert` | reading arguments, and making exceptions and enums of Tauri's |
//! | `values` | values for the window system and from it |
//! | `plugins` | Tauri's plugins, registered and used from Python |
//! | `logging` | forwarding Rust's log records to Python |
//! | `gil` | taking and releasing the GIL |

pub(crate) mod app;
pub(crate) mod callbacks;
pub(crate) mod convert;
pub(crate) mod events;
pub(crate) mod executor;
pub(crate) mod gil;
pub(crate) mod host;
pub(crate) mod logging;
#[cfg(feature = "menus")]
pub(crate) mod menus;
mod own;
pub(crate) mod plugins;
pub(crate) mod values;
pub(crate) mod window;

pub(crate) use events::targeted::deliver_within;

use pyo3::prelude::*;

/// Adds the classes for windows, events and channels, and their value types.
fn register_desktop(module: &Bound<'_, PyModule>) -> PyResult<()> {
    for register in [
        app::app_handle::register,
        events::channel::register,
        values::cookie::register,
        values::enums::cursor_icon::register,
        values::drag_drop_event::register,
        events::emitter::register,
        events::event_target::register,
        events::listener::register,
        app::manager::register,
        values::effects::register,
        values::geometry::monitor::register,
        app::path::register,
        values::geometry::position::register,
        values::progress_bar::register,
        values::geometry::rect::register,
        app::run_event::register,
        values::geometry::size::register,
        values::enums::theme::register,
        values::enums::title_bar_style::register,
        values::tray_icon_event::register,
        values::enums::user_attention::register,
        window::webview::register,
        window::webview_event::register,
        values::webview_url::register,
        window::webview_window::register,
        window::building::builder::register,
        window::window_event::register,
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
        app::constants::register(module)?;
        module.add_class::<host::python_host::PythonHost>()?;
        module.add_class::<executor::inbox::Inbox>()?;
        module.add_class::<executor::call::PythonCall>()?;
        module.add_class::<host::cancels::Cancels>()?;
        module.add_class::<host::abandoned::Abandoned>()?;
        module.add_class::<window::end::WindowEnd>()?;
        callbacks::threads::register(module)?;
        executor::limits_clock::register(module)?;
        gil::register(module)?;
        logging::records::register(module)?;
        register_desktop(module)?;
        #[cfg(feature = "menus")]
        {
            callbacks::subscription::register(module)?;
            menus::register(module)?;
        }
        plugins::register(module)?;
        host::testing::register(module)?;
        #[cfg(not(feature = "wheel"))]
        app::building::unsupported::register(module)?;
        #[cfg(feature = "python-main")]
        {
            app::context::register(module)?;
            app::building::builder::register(module)?;
        }
        #[cfg(feature = "wheel")]
        app::building::wheel::register(module)?;
        Ok(())
    }
}
