//! Lets Python make menus, show them, and be told what is chosen in them.
//!
//! Menus live on the UI thread, which every method asks. A Python object holds the objects of its
//! items, so that Python's garbage collector sees the whole tree.

mod accelerator;
pub(crate) mod app_menus;
pub(crate) mod click;
pub(crate) mod containers;
pub(crate) mod context_menu;
#[cfg(target_os = "linux")]
pub(crate) mod editing_items;
pub(crate) mod handlers;
pub(crate) mod held;
pub(crate) mod items;
mod native_icon;
pub(crate) mod placed;
pub(crate) mod predefined;
mod tree;
pub(crate) mod window_menus;

use pyo3::prelude::*;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    for register in [
        containers::register,
        context_menu::register,
        handlers::register,
        items::register,
        native_icon::register,
        predefined::register,
    ] {
        register(module)?;
    }
    Ok(())
}
