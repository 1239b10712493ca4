//! Lets Python make menus, tray icons and the images on them.
//!
//! | folder or file | job |
//! | --- | --- |
//! | `menu` | menus, their items and their handlers |
//! | `tray` | tray icons |
//! | `image` | images, and icons made of them |
//! | `main_thread` | asks the UI thread, where all of these live |

pub(crate) mod image;
pub(crate) mod main_thread;
pub(crate) mod menu;
pub(crate) mod tray;

use pyo3::prelude::*;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    image::image::register(module)?;
    menu::register(module)?;
    tray::register(module)
}
