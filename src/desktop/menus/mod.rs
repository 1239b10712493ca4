//! Works around what GTK and Linux desktops lack for Tauri's menus and tray icons.
//!
//! | file | job |
//! | --- | --- |
//! | `editing` | has pages copy, paste, undo, for items of menus |
//! | `open_menus` | closes open context menus |
//! | `window_menu` | shows a window's menu where GTK does not |
//! | `tray_support` | whether this desktop can have tray icons |

#[cfg(target_os = "linux")]
#[cfg_attr(
    not(feature = "python-main"),
    allow(dead_code, reason = "only its windows are watched")
)]
pub(crate) mod editing;
#[cfg(target_os = "linux")]
pub(crate) mod open_menus;
pub(crate) mod tray_support;
#[cfg(target_os = "linux")]
pub(crate) mod window_menu;
