//! Checks a page's menu commands, and runs those that would deadlock in Tauri's own plugin.
//!
//! The plugin keeps a page's menus locked while it waits for the UI thread to show one, and the UI
//! thread needs them for the page's next call. So those commands are carried out here, without it.

use std::sync::Arc;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tauri::{
    Manager as _, Position, ResourceId, Webview, Window, Wry, async_runtime,
    ipc::{Invoke, InvokeBody},
    menu::{Menu, MenuId, MenuItemKind, Submenu},
};

use super::kinds::ItemKind;

/// A menu of a page, or one in it.
enum PageMenu {
    Menu(Arc<Menu<Wry>>),
    Submenu(Arc<Submenu<Wry>>),
}

/// What a page says of which menu it means.
#[derive(Deserialize)]
struct Which {
    rid: ResourceId,
    kind: ItemKind,
}

impl PageMenu {
    /// `None`: there is none, which the plugin says.
    fn of(webview: &Webview<Wry>, which: &Which) -> Option<Self> {
        let table = webview.resources_table();
        match which.kind {
            ItemKind::Menu => table.get(which.rid).ok().map(Self::Menu),
            ItemKind::Submenu => table.get(which.rid).ok().map(Self::Submenu),
            _ => None,
        }
    }

    fn id(&self) -> &MenuId {
        match self {
            Self::Menu(menu) => menu.id(),
            Self::Submenu(menu) => menu.id(),
        }
    }

    fn items(&self) -> Vec<MenuItemKind<Wry>> {
        let items = match self {
            Self::Menu(menu) => menu.items(),
            Self::Submenu(menu) => menu.items(),
        };
        items.unwrap_or_default()
    }
}

fn read<T: DeserializeOwned>(body: &Value) -> Option<T> {
    T::deserialize(body).ok()
}

/// Checks what a command would do to a menu. The error says what is wrong.
pub(super) fn check(webview: &Webview<Wry>, command: &str, body: &Value) -> Result<(), String> {
    if !matches!(command, "append" | "prepend" | "insert") {
        return Ok(());
    }
    let Some(menu) = read::<Which>(body).and_then(|which| PageMenu::of(webview, &which)) else {
        return Ok(());
    };
    let count = menu.items().len() as u64;
    if command == "insert" && body["position"].as_u64().is_some_and(|at| at > count) {
        return Err(format!(
            "the menu has {count} items: insert at 0 to {count}"
        ));
    }
    for item in body["items"].as_array().into_iter().flatten() {
        let Some((rid, kind)) = read::<(ResourceId, ItemKind)>(item) else {
            continue;
        };
        if let Some(item) = PageMenu::of(webview, &Which { rid, kind })
            && contains(&item, menu.id())
        {
            return Err(format!("the submenu {:?} would be in itself", menu.id().0));
        }
    }
    Ok(())
}

/// Whether a menu is that of this id, or has it somewhere in it.
fn contains(menu: &PageMenu, id: &MenuId) -> bool {
    let mut found = menu.id() == id;
    // Not by recursion: a page may nest menus as it likes.
    let mut items = menu.items();
    while let Some(item) = items.pop() {
        if let MenuItemKind::Submenu(submenu) = item {
            found |= submenu.id() == id;
            items.extend(submenu.items().unwrap_or_default());
        }
    }
    found
}

#[derive(Deserialize)]
struct PopupArguments {
    window: Option<String>,
    at: Option<Position>,
}

/// Carries out commands that ask the UI thread. All else is left to the plugin.
pub(super) fn take(invoke: Invoke<Wry>) -> Option<Invoke<Wry>> {
    let command = invoke.message.command().to_owned();
    if !matches!(
        command.as_str(),
        "popup" | "set_as_app_menu" | "set_as_window_menu"
    ) {
        return Some(invoke);
    }
    let webview = invoke.message.webview();
    let InvokeBody::Json(body) = invoke.message.payload() else {
        return Some(invoke);
    };
    // Only a popup may be of either kind.
    let kind = body.get("kind").map_or(Some(ItemKind::Menu), ItemKind::of);
    let which = read::<ResourceId>(&body["rid"]).zip(kind);
    let found = which.and_then(|(rid, kind)| PageMenu::of(&webview, &Which { rid, kind }));
    let (Some(menu), Some(arguments)) = (found, read::<PopupArguments>(body)) else {
        return Some(invoke);
    };
    async_runtime::spawn(async move {
        let Some(window) = window_of(&webview, arguments.window.as_deref()) else {
            return invoke.resolver.resolve(());
        };
        let before = match (command.as_str(), &menu) {
            ("popup", _) => popup(&menu, &window, arguments.at).map(|()| None),
            ("set_as_app_menu", PageMenu::Menu(menu)) => menu.set_as_app_menu(),
            (_, PageMenu::Menu(menu)) => menu.set_as_window_menu(&window),
            (_, PageMenu::Submenu(_)) => Ok(None),
        };
        let answer = before.map(|before| {
            before.map(|menu| {
                let id = menu.id().0.clone();
                (webview.resources_table().add(menu), id)
            })
        });
        match answer {
            Ok(answer) => invoke.resolver.resolve(answer),
            Err(error) => invoke.resolver.reject(error.to_string()),
        }
    });
    None
}

fn window_of(webview: &Webview<Wry>, label: Option<&str>) -> Option<Window<Wry>> {
    match label {
        Some(label) => Some(webview.get_webview_window(label)?.as_ref().window()),
        None => Some(webview.window()),
    }
}

fn popup(menu: &PageMenu, window: &Window<Wry>, at: Option<Position>) -> tauri::Result<()> {
    match (menu, at) {
        (PageMenu::Menu(menu), Some(at)) => window.popup_menu_at(&**menu, at),
        (PageMenu::Menu(menu), None) => window.popup_menu(&**menu),
        (PageMenu::Submenu(menu), Some(at)) => window.popup_menu_at(&**menu, at),
        (PageMenu::Submenu(menu), None) => window.popup_menu(&**menu),
    }
}
