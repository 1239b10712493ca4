//! Lets go of what a document has made by Tauri's own API, once the document is gone.

use std::{any::type_name, borrow::Cow};

use tauri::{
    Runtime, Webview,
    image::Image,
    menu::{CheckMenuItem, IconMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu},
};

/// Drops the menus, items and images of the webview's documents before. Only those knew their
/// numbers, and Tauri keeps them until the window closes. A menu that is shown stays.
pub(crate) fn drop_those_before<R: Runtime>(webview: &Webview<R>) {
    use tauri::Manager as _;

    let kinds = [
        type_name::<Menu<R>>(),
        type_name::<Submenu<R>>(),
        type_name::<MenuItem<R>>(),
        type_name::<CheckMenuItem<R>>(),
        type_name::<IconMenuItem<R>>(),
        type_name::<PredefinedMenuItem<R>>(),
        type_name::<Image<'static>>(),
    ];
    let mut table = webview.resources_table();
    let found: Vec<_> = table
        .names()
        .filter(|(_, name)| kinds.contains(&Cow::as_ref(name)))
        .map(|(id, _)| id)
        .collect();
    let dropped: Vec<_> = found
        .into_iter()
        .filter_map(|id| table.take_any(id).ok())
        .collect();
    // Their ends take other locks.
    drop(table);
    drop(dropped);
}
