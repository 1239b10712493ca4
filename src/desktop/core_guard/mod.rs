//! Refuses commands of pages that would make Tauri's plugins panic.
//!
//! On Linux a page's call runs inside C code, so such a panic ends the process. One of the plugin of
//! the clipboard takes the clipboard away from all pages. A [`Guard`] has the
//! name of a plugin whenever Tauri looks for the plugin of a call, and comes first. It refuses what
//! would panic, and passes all else on, with another name, so that the plugin itself is found.
//!
//! | file | job |
//! | --- | --- |
//! | `checks` | what of the arguments would make which command panic |
//! | `kinds` | for which kinds of menu items there is which command |
//! | `menus` | what only the menus themselves tell, and commands that may wait for themselves |

mod checks;
mod kinds;
mod menus;

use std::cell::Cell;

use serde_json::Value;
use tauri::{
    AppHandle, RunEvent, Wry,
    ipc::{Invoke, InvokeBody},
    plugin::Plugin,
};

use super::forwarding::forward;

thread_local! {
    /// Whether a call is passed on at this moment.
    static PASSING: Cell<bool> = const { Cell::new(false) };
}

/// Adds the guards to an app that is being built. They have to come before the plugins themselves.
pub(crate) fn stand_before(builder: tauri::Builder<Wry>) -> tauri::Builder<Wry> {
    [
        ("clipboard-manager", "transom-clipboard-manager"),
        ("image", "transom-image"),
        ("menu", "transom-menu"),
        ("tray", "transom-tray"),
        ("webview", "transom-webview"),
        ("window", "transom-window"),
    ]
    .into_iter()
    .map(|(plugin, own_name)| Guard {
        plugin,
        own_name,
        stands: false,
    })
    .fold(builder, tauri::Builder::plugin)
}

struct Guard {
    plugin: &'static str,
    own_name: &'static str,
    /// Whether all plugins are registered. One of the same name would be dropped for another.
    stands: bool,
}

impl Plugin<Wry> for Guard {
    fn name(&self) -> &'static str {
        if self.stands && !PASSING.get() {
            self.plugin
        } else {
            self.own_name
        }
    }

    fn on_event(&mut self, _app: &AppHandle<Wry>, event: &RunEvent) {
        if matches!(event, RunEvent::Ready) {
            self.stands = true;
        }
    }

    fn extend_api(&mut self, invoke: Invoke<Wry>) -> bool {
        let command = invoke.message.command();
        let body = match invoke.message.payload() {
            InvokeBody::Json(body) => body,
            InvokeBody::Raw(_) => &Value::Null,
        };
        let checked = checks::check(self.plugin, command, body).and_then(|()| {
            if self.plugin == "menu" {
                menus::check(invoke.message.webview_ref(), command, body)
            } else {
                Ok(())
            }
        });
        match checked {
            Err(why) => invoke.resolver.reject(why),
            Ok(()) if self.plugin == "menu" => {
                if let Some(invoke) = menus::take(invoke) {
                    pass_on(self.plugin, invoke);
                }
            }
            Ok(()) => pass_on(self.plugin, invoke),
        }
        true
    }
}

/// Calls the plugin itself, once the one that is being called has returned. Calls keep their order.
fn pass_on(plugin: &str, invoke: Invoke<Wry>) {
    forward(plugin, invoke, |call| {
        let before = PASSING.replace(true);
        call();
        PASSING.set(before);
    });
}
