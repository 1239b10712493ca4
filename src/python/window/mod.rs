//! Lets Python build, use and close windows.

pub(crate) mod arguments;
pub(crate) mod end;
mod frame_methods;
pub(crate) mod handlers;
pub(crate) mod labels;
pub(crate) mod lifecycle;
pub(crate) mod navigation;
mod page_methods;
mod state_methods;
pub(crate) mod states;
pub(crate) mod turns;
pub(crate) mod url_policy;
pub(crate) mod webview;
pub(crate) mod webview_event;
pub(crate) mod webview_window;
pub(crate) mod webview_window_builder;
pub(crate) mod webview_window_methods;
pub(crate) mod window_event;
