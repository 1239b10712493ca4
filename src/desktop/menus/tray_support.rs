//! Finds out whether this desktop can have tray icons.

/// What is missing where tray icons cannot be made.
pub(crate) const NO_LIBRARY: &str = "tray icons need a library that is not installed: \
    `libayatana-appindicator3.so.1` (`apt install libayatana-appindicator3-1`, \
    `dnf install libayatana-appindicator-gtk3`, `pacman -S libayatana-appindicator`)";

/// Whether the library is there that shows tray icons. Where it is not, the crate that loads it
/// panics on the UI thread.
#[cfg(target_os = "linux")]
pub(crate) fn has_library() -> bool {
    use std::sync::LazyLock;

    static HAS: LazyLock<bool> = LazyLock::new(|| {
        [
            c"libayatana-appindicator3.so.1",
            c"libappindicator3.so.1",
            c"libayatana-appindicator3.so",
            c"libappindicator3.so",
        ]
        .iter()
        .any(|name| {
            #[expect(unsafe_code, reason = "no safe function loads a library")]
            // SAFETY: it is the library that the tray would load, whose start-up code is harmless.
            let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY) };
            // It stays loaded, for the tray.
            !library.is_null()
        })
    });
    *HAS
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn has_library() -> bool {
    true
}

/// Whether something on the desktop shows tray icons (StatusNotifierItem). Asks the session bus, 1 s
/// at most; call it off the UI thread.
#[cfg(target_os = "linux")]
pub(crate) fn has_host() -> bool {
    use gtk::{
        gio::{BusType, Cancellable, DBusCallFlags, bus_get_sync},
        glib::{ToVariant as _, VariantTy},
    };

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    let Ok(bus) = bus_get_sync(BusType::Session, Cancellable::NONE) else {
        return false;
    };
    let asked = (WATCHER, "IsStatusNotifierHostRegistered").to_variant();
    let answer = bus.call_sync(
        Some(WATCHER),
        "/StatusNotifierWatcher",
        "org.freedesktop.DBus.Properties",
        "Get",
        Some(&asked),
        VariantTy::new("(v)").ok(),
        DBusCallFlags::NO_AUTO_START,
        1000,
        Cancellable::NONE,
    );
    let answer = answer.ok().and_then(|answer| answer.try_child_value(0));
    let value = answer.and_then(|boxed| boxed.as_variant());
    value.and_then(|value| value.get::<bool>()).unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn has_host() -> bool {
    true
}
