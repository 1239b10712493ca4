//! Integrates Tauri and the webviews: the plugin, and workarounds for WebKitGTK.
//!
//! | file | job |
//! | --- | --- |
//! | `plugin` | the Tauri plugin, which composes all this |
//! | `page` | one webview's page, as the wire and its backlog use it |
//! | `page_paths` | (feature `python-main`) answers the paths that pages ask for |
//! | `script_messages` | receives and answers script messages of WebKitGTK |
//! | `private_window` | gives each private window a context of its own |
//! | `page_watch` | reports when a page's process or its webview is gone |
//! | `network_process` | makes pages send again when WebKit's network process ends |
//! | `webkit_cleanup` | frees memory that WebKit and wry leak when a webview is destroyed |
//! | `open_menus` | (feature `menus`) closes open context menus |
//! | `core_guard` | (feature `python-main`, Linux) keeps pages from making Tauri's own plugins panic |
//! | `contain` | keeps our panics away from C code |
//! | `tray_support` | (feature `menus`) whether this desktop can have tray icons |
//! | `ui_thread` | runs something on the thread that serves the UI |
//! | `ui_tasks` | (feature `menus`) the same, also while a context menu is open |
//! | `window_menu` | (feature `menus`) shows a window's menu where GTK does not |
//! | `window_values` | refuses values that a window system cannot handle |

pub(crate) mod contain;
#[cfg(all(feature = "python-main", target_os = "linux"))]
pub(crate) mod core_guard;
pub(crate) mod network_process;
#[cfg(all(feature = "menus", target_os = "linux"))]
pub(crate) mod open_menus;
pub(crate) mod page;
#[cfg(feature = "python-main")]
pub(crate) mod page_paths;
pub(crate) mod page_watch;
pub(crate) mod plugin;
pub(crate) mod private_window;
pub(crate) mod script_messages;
#[cfg(feature = "menus")]
pub(crate) mod tray_support;
#[cfg(feature = "menus")]
pub(crate) mod ui_tasks;
pub(crate) mod ui_thread;
#[cfg(target_os = "linux")]
pub(crate) mod webkit_cleanup;
#[cfg(all(feature = "menus", target_os = "linux"))]
pub(crate) mod window_menu;
pub(crate) mod window_values;
