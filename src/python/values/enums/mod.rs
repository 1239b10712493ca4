//! Defines the Python enums that mirror an enum of Tauri as it is.

pub(crate) mod cursor_icon;
pub(crate) mod theme;
pub(crate) mod title_bar_style;
pub(crate) mod user_attention;
