//! Lets Python build, use and close windows.

pub(crate) mod building;
pub(crate) mod end;
pub(crate) mod handlers;
pub(crate) mod lifecycle;
pub(crate) mod methods;
pub(crate) mod states;
pub(crate) mod webview;
pub(crate) mod webview_event;
pub(crate) mod webview_window;
pub(crate) mod window_event;
