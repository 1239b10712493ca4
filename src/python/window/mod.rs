//! Lets Python build, use and close windows.

pub(crate) mod arguments;
pub(crate) mod end;
pub(crate) mod handlers;
pub(crate) mod labels;
pub(crate) mod lifecycle;
pub(crate) mod navigation;
pub(crate) mod turns;
pub(crate) mod url_policy;
pub(crate) mod webview;
pub(crate) mod webview_event;
pub(crate) mod webview_window;
pub(crate) mod webview_window_builder;
pub(crate) mod webview_window_methods;
pub(crate) mod window_event;
