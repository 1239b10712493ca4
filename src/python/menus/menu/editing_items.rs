//! Makes the items by which a page copies, pastes, undoes and so on. Linux only: Tauri shows some
//! of them there, and none has an effect.

use std::sync::atomic::{AtomicU64, Ordering};

use tauri::{
    AppHandle, Wry,
    menu::{Menu, MenuItem, MenuItemKind, PredefinedMenuItem, Submenu},
};

use crate::desktop::menus::editing::{self, Command};

/// What the ids of these items begin with. The name of the command follows, and a number.
const PREFIX: &str = "transom-editing-";

type Make = fn(&AppHandle<Wry>, Option<&str>) -> tauri::Result<PredefinedMenuItem<Wry>>;

/// Tauri's items, whose texts ours have, the commands that ours give, and their accelerators.
/// Keys go to the page first (`editing::let_pages_have_keys`), where the windows are watched for
/// that; elsewhere an accelerator would take them from it.
const ITEMS: [(Make, Command, &str); 6] = [
    (PredefinedMenuItem::copy, editing::COPY, "CmdOrCtrl+C"),
    (PredefinedMenuItem::cut, editing::CUT, "CmdOrCtrl+X"),
    (PredefinedMenuItem::paste, editing::PASTE, "CmdOrCtrl+V"),
    (
        PredefinedMenuItem::select_all,
        editing::SELECT_ALL,
        "CmdOrCtrl+A",
    ),
    (PredefinedMenuItem::undo, editing::UNDO, "CmdOrCtrl+Z"),
    (PredefinedMenuItem::redo, editing::REDO, "CmdOrCtrl+Y"),
];

/// An item for a command. For the UI thread.
pub(super) fn item(
    app: &AppHandle<Wry>,
    command: Command,
    text: Option<&str>,
) -> tauri::Result<MenuItem<Wry>> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let id = format!("{PREFIX}{}-{number}", command.name);
    let of_tauri = ITEMS.iter().find(|(_, it, _)| *it == command);
    let (usual, key) = match of_tauri {
        Some((make, _, key)) => (make(app, None)?.text()?, Some(*key)),
        None => (command.name.to_owned(), None),
    };
    let key = key.filter(|_| cfg!(feature = "python-main"));
    editing::offer();
    MenuItem::with_id(app, id, text.unwrap_or(&usual), true, key)
}

/// The command of the item with this id. `None`: it is an item of another kind.
pub(crate) fn command_of(id: &str) -> Option<Command> {
    let (name, _) = id.strip_prefix(PREFIX)?.split_once('-')?;
    Command::of(name)
}

/// Puts our items in the place of Tauri's in a menu that Tauri has made. For the UI thread.
pub(super) fn replace_in(app: &AppHandle<Wry>, menu: &Menu<Wry>) -> tauri::Result<()> {
    for below in menu.items()? {
        if let MenuItemKind::Submenu(below) = below {
            replace_below(app, &below)?;
        }
    }
    Ok(())
}

fn replace_below(app: &AppHandle<Wry>, menu: &Submenu<Wry>) -> tauri::Result<()> {
    for (at, old) in menu.items()?.into_iter().enumerate() {
        let MenuItemKind::Predefined(old) = old else {
            continue;
        };
        let text = old.text()?;
        for (make, command, _) in ITEMS {
            if make(app, None)?.text()? == text {
                menu.remove_at(at)?;
                menu.insert(&item(app, command, None)?, at)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_says_what_an_item_does() {
        let found = command_of("transom-editing-SelectAll-12");
        assert_eq!(found, Some(editing::SELECT_ALL));
        for other in ["copy", "transom-editing-", "transom-editing-Explode-1", ""] {
            assert_eq!(command_of(other), None);
        }
    }
}
