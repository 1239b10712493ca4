//! Makes the plugin `positioner`, which moves windows to named places.

use super::guarded::Guarded;

/// Places near a tray icon are known once the icon has had an event, which Linux does not give.
pub(super) fn make() -> Guarded {
    let plugin = Guarded::new(tauri_plugin_positioner::init());
    #[cfg(feature = "menus")]
    let plugin = plugin.started(|app| {
        app.on_tray_icon_event(|app, event| tauri_plugin_positioner::on_tray_event(app, &event));
    });
    plugin
}
