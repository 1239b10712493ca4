//! Defines the Python value types of windows: sizes, positions, colours, enums, monitors.

pub(crate) mod checked;
pub(crate) mod cookie;
pub(crate) mod cursor_icon;
pub(crate) mod drag_drop_event;
pub(crate) mod effects;
pub(crate) mod enum_mirror;
pub(crate) mod fields;
pub(crate) mod monitor;
pub(crate) mod position;
pub(crate) mod progress_bar;
pub(crate) mod rect;
pub(crate) mod size;
pub(crate) mod theme;
pub(crate) mod title_bar_style;
pub(crate) mod tray_icon_event;
pub(crate) mod user_attention;
pub(crate) mod webview_url;
