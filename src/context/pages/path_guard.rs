//! Maps the key of an asset to a file inside the frontend's folder, and rejects paths out of it.

use std::path::{Path, PathBuf};

/// Finds the file that `key` names below `root`.
///
/// `key` is a path as Tauri gives it: decoded once, with a leading slash. The result is `None` if
/// it is no plain path, names no regular file, or leads out of `root` through a link.
pub(super) fn find(root: &Path, key: &str) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    let mut file = root.clone();
    for name in key.strip_prefix('/')?.split('/') {
        file.push(plain(name)?);
    }
    let file = file.canonicalize().ok()?;
    // a pipe or a device could hold the reader for ever
    (file.starts_with(&root) && file.is_file()).then_some(file)
}

/// Accepts a name that means the same on every system: without steps, separators, drives or
/// streams.
fn plain(name: &str) -> Option<&str> {
    let step = matches!(name, "" | "." | "..");
    (!step && !name.contains(['\\', ':', '\0'])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::tests::Folder;
    use proptest::prelude::*;

    fn site() -> Folder {
        Folder::with(&[
            ("dist/index.html", "inside"),
            ("dist/sub dir/ü.js", "inside"),
            ("secret.txt", "outside"),
            ("dist-other/secret.txt", "outside"),
        ])
    }

    fn read(site: &Folder, key: &str) -> Option<String> {
        let file = find(&site.path().join("dist"), key)?;
        Some(std::fs::read_to_string(file).unwrap())
    }

    #[test]
    fn plain_keys_are_found() {
        let site = site();
        assert_eq!(read(&site, "/index.html").as_deref(), Some("inside"));
        assert_eq!(read(&site, "/sub dir/ü.js").as_deref(), Some("inside"));
    }

    #[test]
    fn no_spelling_leads_out() {
        let site = site();
        let absolute = format!("/{}", site.path().join("secret.txt").display());
        for key in [
            "/../secret.txt",
            "/sub dir/../../secret.txt",
            "/./../secret.txt",
            "/..\\secret.txt",
            "/sub dir\\..\\..\\secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/..%5csecret.txt",
            "/%252e%252e/secret.txt",
            "/../dist-other/secret.txt",
            "/C:/secret.txt",
            "/C:\\secret.txt",
            "/index.html::$DATA",
            "/index.html\0",
            "/\0/../secret.txt",
            "//index.html",
            "/sub dir",
            "/",
            "",
            "index.html",
            &absolute,
        ] {
            assert_eq!(read(&site, key), None, "{key:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_may_stay_inside_but_not_lead_out() {
        use std::os::unix::fs::symlink;
        let site = site();
        let dist = site.path().join("dist");
        symlink(dist.join("index.html"), dist.join("inner.html")).unwrap();
        symlink("../secret.txt", dist.join("outer.txt")).unwrap();
        symlink("..", dist.join("up")).unwrap();
        symlink("/", dist.join("top")).unwrap();
        symlink("loop", dist.join("loop")).unwrap();
        assert_eq!(read(&site, "/inner.html").as_deref(), Some("inside"));
        for key in ["/outer.txt", "/up/secret.txt", "/top/etc/passwd", "/loop"] {
            assert_eq!(read(&site, key), None, "{key}");
        }
        // the folder itself may be a link
        symlink(&dist, site.path().join("current")).unwrap();
        assert!(find(&site.path().join("current"), "/index.html").is_some());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_not_opened() {
        let site = site();
        let socket = site.path().join("dist/socket");
        let _bound = std::os::unix::net::UnixListener::bind(socket).unwrap();
        assert_eq!(read(&site, "/socket"), None);
    }

    fn hostile_part() -> impl Strategy<Value = String> {
        const KNOWN: &[&str] = &[
            "..",
            ".",
            "",
            "...",
            ".. ",
            "%2e%2e",
            "%252e%252e",
            "..%5c",
            "..\\",
            "\\..\\",
            "C:",
            "up",
            "dist",
            "dist-other",
            "secret.txt",
            "index.html",
            "sub dir",
            "ü.js",
            "\0",
            "\u{202e}",
        ];
        prop_oneof![
            4 => prop::sample::select(KNOWN).prop_map(str::to_owned),
            1 => any::<String>(),
        ]
    }

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn hostile_keys_reach_only_what_is_inside(
            parts in prop::collection::vec(hostile_part(), 0..6),
            separator in prop::sample::select(["/", "\\", "//", "/./"].as_slice()),
        ) {
            thread_local!(static SITE: Folder = {
                let site = site();
                #[cfg(unix)]
                std::os::unix::fs::symlink("..", site.path().join("dist/up")).unwrap();
                site
            });
            let key = format!("/{}", parts.join(separator));
            let read = SITE.with(|site| read(site, &key));
            prop_assert!(read.is_none_or(|text| text == "inside"), "{key:?}");
        }
    }
}
