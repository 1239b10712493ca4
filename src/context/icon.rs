//! Loads the default icon of the app's windows.

use std::path::{Path, PathBuf};

use tauri::{Config, image::Image};

use super::error::Error;

/// File endings, in order of preference. Windows scales ICO files best.
const ENDINGS: &[&str] = if cfg!(windows) {
    &["ico", "png"]
} else {
    &["png"]
};

/// Loads `app.trayIcon.iconPath`. `None`: there is no tray icon.
pub(super) fn load_of_tray(config: &Config, dir: &Path) -> Result<Option<Image<'static>>, Error> {
    let tray = config.app.tray_icon.as_ref();
    tray.map(|tray| read(dir.join(&tray.icon_path), "tray", "app.trayIcon.iconPath"))
        .transpose()
}

/// Loads `bundle.icon`, else `icons/icon.*`, else a neutral icon.
pub(super) fn load(config: &Config, dir: &Path) -> Result<Image<'static>, Error> {
    let Some(path) = find(config, dir) else {
        return Ok(built_in());
    };
    read(path, "window", "bundle.icon")
}

fn read(path: PathBuf, kind: &'static str, key: &'static str) -> Result<Image<'static>, Error> {
    Image::from_path(&path)
        .map(Image::to_owned)
        .map_err(|err| Error::Icon {
            kind,
            key,
            reason: err.to_string(),
            path,
        })
}

fn find(config: &Config, dir: &Path) -> Option<PathBuf> {
    let configured = |ending: &&str| {
        let suffix = format!(".{ending}");
        let mut icons = config.bundle.icon.iter();
        icons
            .find(|icon| icon.ends_with(&suffix))
            .map(|icon| dir.join(icon))
    };
    let usual =
        |ending: &&str| Some(dir.join(format!("icons/icon.{ending}"))).filter(|path| path.exists());
    let mut endings = ENDINGS.iter();
    endings
        .clone()
        .find_map(configured)
        .or_else(|| endings.find_map(usual))
}

/// Draws a window with a transom over it, 64 by 64 pixels.
fn built_in() -> Image<'static> {
    const SIZE: u32 = 64;
    const FRAME: [u8; 4] = [0x3b, 0x4a, 0x5f, 0xff];
    const GLASS: [u8; 4] = [0xc9, 0xdd, 0xee, 0xff];
    const NOTHING: [u8; 4] = [0; 4];
    let pixel = |x: u32, y: u32| match (x, y) {
        (0..8 | 56.., _) | (_, 0..4 | 60..) => NOTHING,
        (14..50, 10..20) | (14..30 | 34..50, 26..54) => GLASS,
        _ => FRAME,
    };
    let rgba = (0..SIZE * SIZE).flat_map(|at| pixel(at % SIZE, at / SIZE));
    Image::new_owned(rgba.collect(), SIZE, SIZE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::tests::{Folder, config};
    use serde_json::json;

    /// One red pixel.
    const PNG: &[u8] = &[
        0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0,
        0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 12, b'I', b'D', b'A',
        b'T', 0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 0x03, 0x01, 0x01, 0, 0x18, 0xdd, 0x8d,
        0xb0, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
    ];

    fn size(image: &Image<'_>) -> (u32, u32) {
        (image.width(), image.height())
    }

    #[test]
    fn the_configured_icon_comes_first_then_the_usual_one_then_a_neutral_one() {
        let folder = Folder::with(&[]);
        let bare = config(json!({}));
        let neutral = load(&bare, folder.path()).unwrap();
        assert_eq!(size(&neutral), (64, 64));
        assert_eq!(neutral.rgba().len(), 64 * 64 * 4);

        folder.write("icons/icon.png", PNG);
        let usual = load(&bare, folder.path()).unwrap();
        assert_eq!(
            (size(&usual), usual.rgba()),
            ((1, 1), &[255, 0, 0, 255][..])
        );

        folder.write("icons/icon.png", "not an image");
        folder.write("own.png", PNG);
        let named = config(json!({"bundle": {"icon": ["x.icns", "own.png"]}}));
        assert_eq!(size(&load(&named, folder.path()).unwrap()), (1, 1));
    }

    #[test]
    fn an_icon_that_cannot_be_read_is_named() {
        let folder = Folder::with(&[("icons/icon.png", "not an image")]);
        let missing = config(json!({"bundle": {"icon": ["gone.png"]}}));
        for (config, name) in [(missing, "gone.png"), (config(json!({})), "icon.png")] {
            let message = load(&config, folder.path()).unwrap_err().to_string();
            assert!(
                message.starts_with("Failed to load window icon at "),
                "{message}"
            );
            assert!(message.contains(name), "{message}");
        }
    }
}
