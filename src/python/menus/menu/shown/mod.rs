//! Shows menus: in the app, in windows, and as context menus.
//!
//! | file | job |
//! | --- | --- |
//! | `app_menus` | the menu of the app |
//! | `window_menus` | the menu of a window |
//! | `context_menu` | context menus |
//! | `placed` | keeps the Python objects of the menus that are shown |

pub(crate) mod app_menus;
pub(crate) mod context_menu;
pub(crate) mod placed;
pub(crate) mod window_menus;
