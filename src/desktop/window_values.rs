//! Checks values before they go to the window system, which would misread some of them.
//!
//! It reads a text up to the first NUL character, and has small integers for lengths.

use std::{ops::RangeInclusive, path::Path};

use serde_json::Value;
use tauri::{Url, WebviewUrl, utils::config::WindowConfig};

/// The longest side of a window in pixels. WebKit ends a page that it has no memory for.
pub(crate) const LARGEST: f64 = 16_384.0;
/// The largest distance of a window from the origin. X11 has 16 bits for it.
pub(crate) const FARTHEST: f64 = 32_767.0;
/// The longest label of a window in bytes. Folders are named after labels.
pub(crate) const LONGEST_LABEL: usize = 255;
/// How much a page can be zoomed.
pub(crate) const ZOOM: RangeInclusive<f64> = 0.01..=100.0;

/// Whether a text holds a NUL character, at which it would be cut.
pub(crate) fn has_nul(text: impl AsRef<Path>) -> bool {
    text.as_ref().as_os_str().as_encoded_bytes().contains(&0)
}

/// Whether this is a valid side of a window.
pub(crate) fn is_side(pixels: f64) -> bool {
    (1.0..=LARGEST).contains(&pixels)
}

/// Whether this is a valid minimum of a side.
pub(crate) fn is_least(pixels: f64) -> bool {
    (0.0..=LARGEST).contains(&pixels)
}

/// Whether this is a valid maximum of a side. A number out of range means that there is none.
pub(crate) fn is_length(pixels: f64) -> bool {
    (0.0..=f64::from(i32::MAX)).contains(&pixels)
}

/// Whether this is a valid coordinate of a window.
pub(crate) fn is_coordinate(pixels: f64) -> bool {
    pixels.abs() <= FARTHEST
}

/// Whether this is a valid label of a window.
pub(crate) fn is_label(label: &str) -> bool {
    let may = |it: char| it.is_alphanumeric() || matches!(it, '-' | '/' | ':' | '_');
    (1..=LONGEST_LABEL).contains(&label.len()) && label.chars().all(may)
}

/// Whether this is a path inside the frontend, or a URL. Tauri panics at a URL that is cut short, such
/// as `http://`, because it joins it as a path.
pub(crate) fn is_address(path: &str) -> bool {
    let joins = |base: &str| Url::parse(base).is_ok_and(|base| base.join(path).is_ok());
    joins("tauri://localhost") && joins("http://localhost")
}

/// Whether Tauri can read a colour from this text. It panics at the middle of other characters.
pub(crate) fn is_color(text: &str) -> bool {
    text.is_ascii()
}

/// Checks the colours of windows, before Tauri reads them. The error says what is wrong.
pub(crate) fn check_colors(windows: &Value) -> Result<(), String> {
    match windows {
        Value::Array(parts) => parts.iter().try_for_each(check_colors),
        Value::Object(parts) => parts.iter().try_for_each(|(name, part)| match part {
            Value::String(text) if is_color_name(name) && !is_color(text) => {
                Err(wrong_color(name, text))
            }
            part => check_colors(part),
        }),
        _ => Ok(()),
    }
}

fn is_color_name(name: &str) -> bool {
    matches!(name, "color" | "backgroundColor" | "background-color")
}

/// Checks a window of the configuration. The error says what is wrong with it.
pub(crate) fn check(config: &WindowConfig) -> Result<(), String> {
    if !is_label(&config.label) {
        return Err(wrong_label(&config.label));
    }
    let url = match &config.url {
        WebviewUrl::App(path) => path.to_str(),
        _ => None, // a `Url` has no NUL
    };
    for (name, text) in [
        ("url", url),
        ("userAgent", config.user_agent.as_deref()),
        ("title", Some(config.title.as_str())),
        ("windowClassname", config.window_classname.as_deref()),
        ("tabbingIdentifier", config.tabbing_identifier.as_deref()),
        (
            "additionalBrowserArgs",
            config.additional_browser_args.as_deref(),
        ),
    ] {
        if text.is_some_and(has_nul) {
            return Err(format!(
                "`{name}` has a NUL character, where it would be cut"
            ));
        }
    }
    if let Some(url) = url.filter(|url| !is_address(url)) {
        return Err(wrong_address(url));
    }
    for (name, number, holds) in [
        ("width", Some(config.width), is_side as fn(f64) -> bool),
        ("height", Some(config.height), is_side),
        ("minWidth", config.min_width, is_least),
        ("minHeight", config.min_height, is_least),
        ("maxWidth", config.max_width, is_length),
        ("maxHeight", config.max_height, is_length),
        ("x", config.x, is_coordinate),
        ("y", config.y, is_coordinate),
    ] {
        if let Some(number) = number
            && !holds(number)
        {
            return Err(format!("`{name}` is {number}, which no window can have"));
        }
    }
    Ok(())
}

/// The error text for an invalid label.
pub(crate) fn wrong_label(label: &str) -> String {
    let shown: String = label.chars().take(LONGEST_LABEL).collect();
    format!(
        "the label {shown:?} must be of 1 to {LONGEST_LABEL} bytes, and may contain only letters, \
         digits, `-`, `/`, `:` and `_`"
    )
}

/// The error text for an invalid address.
pub(crate) fn wrong_address(path: &str) -> String {
    format!("`url` is neither a path inside the frontend nor a whole URL: {path:?}")
}

/// The error text for an invalid colour.
pub(crate) fn wrong_color(name: &str, text: &str) -> String {
    format!("`{name}` is no colour such as \"#ffcc00\": {text:?}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_window_can_have_is_refused_by_name() {
        for (name, value) in [
            ("label", json!("a b")),
            ("label", json!("")),
            ("label", json!("a".repeat(256))),
            ("title", json!("a\0b")),
            ("userAgent", json!("a\0b")),
            ("url", json!("a\0b.html")),
            ("url", json!("http://")),
            ("url", json!("//localhost:99999/a.html")),
            ("url", json!("https://[")),
            ("width", json!(-1)),
            ("height", json!(40_000)),
            ("width", json!(0)),
            ("minWidth", json!(1e300)),
            ("maxHeight", json!(-0.5)),
            ("x", json!(40_000)),
            ("y", json!(-1e9)),
        ] {
            let config = json!({"label": "main", name: value});
            let why = check(&serde_json::from_value(config).unwrap()).unwrap_err();
            assert!(why.contains(name), "{why}");
        }
    }

    #[test]
    fn what_tauri_would_panic_at_is_no_colour() {
        for name in ["backgroundColor", "background-color"] {
            let windows = |color| json!([{"label": "main"}, {"windowEffects": {name: color}}]);
            assert!(check_colors(&windows("éé")).is_err());
            assert_eq!(check_colors(&windows("#ffcc00")), Ok(()));
        }
        assert_eq!(check_colors(&json!({"title": "éé"})), Ok(()));
    }

    #[test]
    fn what_windows_have_passes() {
        let config = json!({
            "label": "a-Ü/b:c_1", "title": "Größe", "minWidth": 0, "height": 16384, "x": -32000,
            "maxWidth": 1e6, "url": "https://example.org/a%00b",
        });
        assert_eq!(check(&serde_json::from_value(config).unwrap()), Ok(()));
    }
}
