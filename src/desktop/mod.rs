//! Integrates Tauri and the webviews: the plugin, and workarounds for WebKitGTK.
//!
//! | file or folder | job |
//! | --- | --- |
//! | `plugin` | the Tauri plugin, which composes all this |
//! | `webview` | joins webviews to their actors, and works around defects of WebKitGTK |
//! | `menus` | (feature `menus`) mends menus and tray icons on Linux |
//! | `page_paths` | (feature `python-main`) answers the paths that pages ask for |
//! | `page_files` | (with the plugin `fs`) has it find the files of the app |
//! | `page_objects` | (feature `menus`) lets go of what a document made, once it is gone |
//! | `forwarding` | (feature `python-main`) hands a page's call from one plugin to another |
//! | `core_guard` | (feature `python-main`, Linux) keeps pages from making Tauri's own plugins panic |
//! | `ui_thread` | runs something on the thread that serves the UI |
//! | `ui_tasks` | (feature `menus`) the same, also while a context menu is open |
//! | `window_values` | refuses values that a window system cannot handle |

#[cfg(all(feature = "python-main", target_os = "linux"))]
pub(crate) mod core_guard;
#[cfg(feature = "python-main")]
pub(crate) mod forwarding;
#[cfg(feature = "menus")]
pub(crate) mod menus;
#[cfg(all(feature = "plugin-fs", feature = "python-main"))]
pub(crate) mod page_files;
#[cfg(feature = "menus")]
pub(crate) mod page_objects;
#[cfg(feature = "python-main")]
pub(crate) mod page_paths;
pub(crate) mod plugin;
#[cfg(feature = "menus")]
pub(crate) mod ui_tasks;
pub(crate) mod ui_thread;
pub(crate) mod webview;
pub(crate) mod window_values;
