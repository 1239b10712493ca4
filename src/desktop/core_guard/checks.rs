//! Finds out what in the arguments of a page's call would make Tauri or GTK panic.

use serde::Deserialize as _;
use serde_json::Value;
use tauri::utils::config::WindowConfig;

use super::kinds;
use crate::desktop::window_values::{self, is_color, wrong_color};

/// The longest side of an image in pixels.
const LARGEST: u64 = 16_384;

/// Checks the arguments of a command. The error says what is wrong.
pub(super) fn check(plugin: &str, command: &str, body: &Value) -> Result<(), String> {
    check_each(body, check_image)?;
    if plugin == "clipboard-manager" {
        return Ok(());
    }
    check_each(body, check_text)?;
    window_values::check_colors(body)?;
    if command.ends_with("background_color")
        && let Some(text) = body["value"].as_str().filter(|it| !is_color(it))
    {
        return Err(wrong_color("value", text));
    }
    if matches!(plugin, "menu" | "tray") {
        kinds::check(command, body)?;
    }
    // What is no configuration of a window is refused by who reads it.
    if command.starts_with("create")
        && let Ok(config) = WindowConfig::deserialize(&body["options"])
    {
        return window_values::check(&config);
    }
    Ok(())
}

/// Checks a value and all that are in it.
fn check_each(value: &Value, check: fn(&Value) -> Result<(), String>) -> Result<(), String> {
    check(value)?;
    let inner = |it| check_each(it, check);
    match value {
        Value::Array(items) => items.iter().try_for_each(inner),
        Value::Object(items) => items.values().try_for_each(inner),
        _ => Ok(()),
    }
}

fn check_text(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.contains('\0') => Err(format!(
            "a text has a NUL character, at which it would end: {text:?}"
        )),
        _ => Ok(()),
    }
}

fn check_image(value: &Value) -> Result<(), String> {
    let (Some(rgba), Some(width), Some(height)) =
        (value.get("rgba"), value.get("width"), value.get("height"))
    else {
        return Ok(());
    };
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
    fn a_window_is_one_that_there_can_be() {
        let create = |options| {
            let body = json!({"options": options});
            check("webview", "create_webview_window", &body)
        };
        assert_eq!(create(json!({"label": "a", "url": "a.html"})), Ok(()));
        assert_eq!(create(json!({"label": 1})), Ok(()), "the plugin says why");
        for options in [
            json!({"label": ""}),
            json!({"label": "a", "url": "http://"}),
            json!({"label": "a", "width": 1e9}),
            json!({"label": "a", "backgroundColor": "éé"}),
        ] {
            assert!(create(options).is_err());
        }
        assert!(check("window", "set_background_color", &json!({"value": "éé"})).is_err());
    }

    #[test]
    fn the_clipboard_takes_any_text_and_no_wrong_image() {
        let check = |body| check("clipboard-manager", "write_image", &body);
        assert_eq!(check(json!({"text": "a\0"})), Ok(()));
        assert!(check(json!({"image": {"rgba": [1], "width": 1, "height": 1}})).is_err());
    }

    #[test]
    fn no_text_has_a_nul() {
        assert!(check("tray", "new", &json!({"options": {"title": "a\0"}})).is_err());
        assert_eq!(
            check("tray", "new", &json!({"options": {"title": "a"}})),
            Ok(())
        );
    }
}
