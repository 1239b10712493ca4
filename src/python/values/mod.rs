//! Defines the Python value types of windows: sizes, positions, colours, enums, monitors.

pub(crate) mod cookie;
pub(crate) mod drag_drop_event;
pub(crate) mod effects;
pub(crate) mod enums;
pub(crate) mod geometry;
pub(crate) mod progress_bar;
pub(crate) mod tray_icon_event;
pub(crate) mod webview_url;
