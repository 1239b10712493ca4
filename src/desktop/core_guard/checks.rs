//! Finds out what in the arguments of a page's call would make Tauri or GTK panic.

use serde_json::Value;

/// The longest side of an image in pixels.
const LARGEST: u64 = 16_384;

/// Checks the arguments of a command. The error says what is wrong.
pub(super) fn check(plugin: &str, command: &str, body: &Value) -> Result<(), String> {
    check_values(body)?;
    let is_new_item = (plugin, command) == ("menu", "new");
    if is_new_item && body["kind"] == "Predefined" && body["options"]["item"].is_null() {
        return Err("a predefined menu item needs `item`, which says what it does".to_owned());
    }
    Ok(())
}

/// Checks texts and images, wherever they are.
fn check_values(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.contains('\0') => Err(format!(
            "a text has a NUL character, at which it would end: {text:?}"
        )),
        Value::Array(items) => items.iter().try_for_each(check_values),
        Value::Object(items) => {
            if let (Some(rgba), Some(width), Some(height)) =
                (items.get("rgba"), items.get("width"), items.get("height"))
            {
                check_image(rgba, width, height)?;
            }
            items.values().try_for_each(check_values)
        }
        _ => Ok(()),
    }
}

fn check_image(rgba: &Value, width: &Value, height: &Value) -> Result<(), String> {
    let sides = (width.as_u64(), height.as_u64());
    let (Some(width @ 1..=LARGEST), Some(height @ 1..=LARGEST)) = sides else {
        return Err(format!(
            "an image has {width} x {height} pixels: its sides must be 1 to {LARGEST}"
        ));
    };
    // Another type is refused by who reads it.
    let length = rgba.as_array().map(|bytes| bytes.len() as u64);
    let expected = width * height * 4;
    match length {
        Some(length) if length != expected => Err(format!(
            "an image of {width} x {height} pixels has {length} bytes, not {expected}"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn images_have_the_bytes_of_their_pixels() {
        let image = |bytes: usize, width: i64, height: i64| {
            let icon = json!({"rgba": vec![0; bytes], "width": width, "height": height});
            check("menu", "append", &json!({"items": [{"icon": icon}]}))
        };
        assert_eq!(image(8, 1, 2), Ok(()));
        for (bytes, width, height) in [(4, 1, 2), (12, 1, 2), (0, 0, 0), (4, -1, -1), (0, 1, 1)] {
            assert!(image(bytes, width, height).is_err());
        }
        assert!(image(4, 1 << 32, 1 << 32).is_err());
    }

    #[test]
    fn no_text_has_a_nul() {
        assert!(check("tray", "new", &json!({"options": {"title": "a\0"}})).is_err());
        assert_eq!(
            check("tray", "new", &json!({"options": {"title": "a"}})),
            Ok(())
        );
    }

    #[test]
    fn a_predefined_item_says_what_it_does() {
        let new = |options| {
            check(
                "menu",
                "new",
                &json!({"kind": "Predefined", "options": options}),
            )
        };
        assert!(new(json!({})).is_err());
        assert!(new(Value::Null).is_err());
        assert_eq!(new(json!({"item": "Copy"})), Ok(()));
        assert_eq!(check("menu", "new", &json!({"kind": "Menu"})), Ok(()));
    }
}
