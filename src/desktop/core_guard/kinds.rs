//! Knows the kinds of menu items, and for which of them there is which command.

use serde::Deserialize;
use serde_json::Value;
use tauri::ResourceId;

/// The kind of a menu item, or a menu, as pages write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum ItemKind {
    Menu,
    MenuItem,
    Predefined,
    Submenu,
    Check,
    Icon,
}

impl ItemKind {
    /// `None`: it is none, which the plugin says.
    pub(super) fn of(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// Whether items of this kind have the command. Tauri panics for all others.
    fn has(self, command: &str) -> bool {
        match command {
            "text" | "set_text" => self != Self::Menu,
            "is_enabled" | "set_enabled" => !matches!(self, Self::Menu | Self::Predefined),
            "set_accelerator" => matches!(self, Self::MenuItem | Self::Check | Self::Icon),
            "set_icon" => matches!(self, Self::Icon | Self::Submenu),
            _ => true,
        }
    }
}

/// Checks of which kind is what a command of the plugin `menu` is for. The error says what is wrong.
pub(super) fn check(command: &str, body: &Value) -> Result<(), String> {
    match ItemKind::of(&body["kind"]) {
        Some(kind) if !kind.has(command) => Err(format!("a {kind:?} has no `{command}`")),
        Some(ItemKind::Predefined) if command == "new" && body["options"]["item"].is_null() => {
            Err("a predefined menu item needs `item`, which says what it does".to_owned())
        }
        _ => check_items(body),
    }
}

/// Checks the items of a menu, wherever they are.
fn check_items(value: &Value) -> Result<(), String> {
    match value {
        Value::Array(parts) => parts.iter().try_for_each(check_items),
        Value::Object(parts) => {
            let items = parts.get("items").and_then(Value::as_array);
            let mut items = items.into_iter().flatten().chain(parts.get("item"));
            if items.any(is_menu) {
                return Err("a menu is no item of another one: make it a submenu".to_owned());
            }
            parts.values().try_for_each(check_items)
        }
        _ => Ok(()),
    }
}

/// Whether an item is a menu that is there already.
fn is_menu(item: &Value) -> bool {
    matches!(
        <(ResourceId, ItemKind)>::deserialize(item),
        Ok((_, ItemKind::Menu))
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_predefined_item_says_what_it_does() {
        let new = |options: Value| check("new", &json!({"kind": "Predefined", "options": options}));
        assert!(new(json!({})).is_err());
        assert!(new(Value::Null).is_err());
        assert_eq!(new(json!({"item": "Copy"})), Ok(()));
        assert!(check("new", &json!({"kind": {"Predefined": null}})).is_err());
        assert_eq!(check("new", &json!({"kind": "Menu"})), Ok(()));
    }

    #[test]
    fn a_command_is_for_the_kinds_that_have_it() {
        for (command, kind) in [
            ("text", json!("Menu")),
            ("set_text", json!({"Menu": null})),
            ("is_enabled", json!("Predefined")),
            ("set_enabled", json!("Menu")),
            ("set_accelerator", json!("Submenu")),
            ("set_icon", json!("MenuItem")),
            ("set_icon", json!("Check")),
        ] {
            assert!(check(command, &json!({"rid": 1, "kind": kind})).is_err());
        }
        for (command, kind) in [
            ("text", "Predefined"),
            ("set_enabled", "Submenu"),
            ("set_accelerator", "Icon"),
            ("set_icon", "Submenu"),
            ("items", "Menu"),
        ] {
            let known = check(command, &json!({"rid": 1, "kind": kind}));
            assert_eq!(known, Ok(()), "{command} of {kind}");
        }
        assert_eq!(
            check("text", &json!({"kind": "Nope"})),
            Ok(()),
            "the plugin says why"
        );
    }

    #[test]
    fn a_menu_is_no_item() {
        for body in [
            json!({"items": [[1, "Menu"]]}),
            json!({"item": [1, {"Menu": null}]}),
            json!({"options": {"items": [{"text": "a", "items": [[1, "Menu"]]}]}}),
        ] {
            assert!(check("append", &body).is_err(), "{body}");
        }
        let items = json!({"items": [[1, "Submenu"], {"text": "a"}, {"item": "Separator"}]});
        assert_eq!(check("append", &items), Ok(()));
        assert_eq!(check("set_menu", &json!({"menu": [1, "Menu"]})), Ok(()));
    }
}
