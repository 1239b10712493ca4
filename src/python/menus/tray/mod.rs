//! Lets Python show tray icons, and be told of what happens to them.

pub(crate) mod app_trays;
mod handlers;
mod making;
mod removal;
mod tray_icon;

use pyo3::prelude::*;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    handlers::register(module)?;
    making::register(module)?;
    tray_icon::register(module)
}
