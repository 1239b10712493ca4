//! Lets Python make menus, show them, and be told what is chosen in them.
//!
//! Menus live on the UI thread, which every method asks. A Python object holds the objects of its
//! items, so that Python's garbage collector sees the whole tree.

mod accelerator;
pub(crate) mod click;
pub(crate) mod containers;
#[cfg(target_os = "linux")]
pub(crate) mod editing_items;
pub(crate) mod handlers;
pub(crate) mod held;
pub(crate) mod items;
mod native_icon;
pub(crate) mod predefined;
pub(crate) mod shown;
mod tree;

use pyo3::prelude::*;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    for register in [
        containers::register,
        shown::context_menu::register,
        handlers::register,
        items::register,
        native_icon::register,
        predefined::register,
    ] {
        register(module)?;
    }
    Ok(())
}
