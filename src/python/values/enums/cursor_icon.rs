//! Defines the Python enum `CursorIcon`: the shape of the mouse cursor.

use pyo3::prelude::*;

use crate::python::convert::enum_mirror::{Mirror as _, mirror};

mirror!(
    /// The shape of the mouse cursor.
    "transom",
    CursorIcon => tauri::CursorIcon {
        Default, Crosshair, Hand, Arrow, Move, Text, Wait, Help, Progress, NotAllowed, ContextMenu,
        Cell, VerticalText, Alias, Copy, NoDrop, Grab, Grabbing, AllScroll, ZoomIn, ZoomOut,
        EResize, NResize, NeResize, NwResize, SResize, SeResize, SwResize, WResize, EwResize,
        NsResize, NeswResize, NwseResize, ColResize, RowResize,
    }
);

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    CursorIcon::register(module)
}
