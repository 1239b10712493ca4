//! Wraps a Tauri plugin: contains its panics, and refuses or replaces harmful commands of pages.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use tauri::{
    AppHandle, RunEvent, Url, Webview, Window, Wry,
    ipc::{Invoke, InvokeBody},
    plugin::Plugin,
    webview::PageLoadPayload,
};

/// Why a command of a page is refused, if it is.
type Refuse = Box<dyn Fn(&str, &InvokeBody) -> Option<String> + Send>;
/// Takes a command of a page, or gives it back.
type Interceptor = Box<dyn Fn(Invoke<Wry>) -> Option<Invoke<Wry>> + Send>;
/// Called once the plugin has started.
type Started = Box<dyn FnOnce(&AppHandle<Wry>) + Send>;

/// A plugin whose panics are logged and whose commands may be refused or replaced.
pub(super) struct Guarded {
    inner: Box<dyn Plugin<Wry>>,
    refuse: Option<Refuse>,
    take: Option<Interceptor>,
    started: Option<Started>,
}

impl Guarded {
    pub(super) fn new(inner: impl Plugin<Wry> + 'static) -> Self {
        Self {
            inner: Box::new(inner),
            refuse: None,
            take: None,
            started: None,
        }
    }

    /// Refuses a command of a page when `refuse(command, body)` says why.
    pub(super) fn refuse(
        mut self,
        refuse: impl Fn(&str, &InvokeBody) -> Option<String> + Send + 'static,
    ) -> Self {
        self.refuse = Some(Box::new(refuse));
        self
    }

    /// Lets `take` carry out commands of pages instead of the plugin. It is called on the UI thread,
    /// and gives back what it leaves to the plugin.
    pub(super) fn take(
        mut self,
        take: impl Fn(Invoke<Wry>) -> Option<Invoke<Wry>> + Send + 'static,
    ) -> Self {
        self.take = Some(Box::new(take));
        self
    }

    /// Calls `started` once the plugin has started.
    pub(super) fn started(
        mut self,
        started: impl FnOnce(&AppHandle<Wry>) + Send + 'static,
    ) -> Self {
        self.started = Some(Box::new(started));
        self
    }

    /// Runs a hook of the plugin. `None`: it panicked.
    fn contained<T>(&mut self, hook: impl FnOnce(&mut dyn Plugin<Wry>) -> T) -> Option<T> {
        let done = catch_unwind(AssertUnwindSafe(|| hook(&mut *self.inner)));
        if done.is_err() {
            log::error!("the plugin `{}` panicked; the app goes on", self.name());
        }
        done.ok()
    }
}

/// Why a body is refused that holds a text with a NUL character: what shows it would panic.
pub(super) fn refuse_nul(_command: &str, body: &InvokeBody) -> Option<String> {
    let InvokeBody::Json(body) = body else {
        return None;
    };
    has_nul(body).then(|| "a text has a NUL character, which no dialog can show".to_owned())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(items) => items
            .iter()
            .any(|(key, it)| key.contains('\0') || has_nul(it)),
        _ => false,
    }
}

impl Plugin<Wry> for Guarded {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn initialize(
        &mut self,
        app: &AppHandle<Wry>,
        config: Value,
    ) -> Result<(), Box<dyn std::error::Error>> {
        self.contained(|plugin| plugin.initialize(app, config))
            .unwrap_or_else(|| Err("it panicked".into()))?;
        if let Some(started) = self.started.take() {
            self.contained(|_| started(app));
        }
        Ok(())
    }

    fn initialization_script(&self) -> Option<String> {
        // None of them asks for other frames than the main one.
        self.inner.initialization_script_2().map(|it| it.script)
    }

    fn window_created(&mut self, window: Window<Wry>) {
        self.contained(|plugin| plugin.window_created(window));
    }

    fn webview_created(&mut self, webview: Webview<Wry>) {
        self.contained(|plugin| plugin.webview_created(webview));
    }

    fn on_navigation(&mut self, webview: &Webview<Wry>, url: &Url) -> bool {
        self.contained(|plugin| plugin.on_navigation(webview, url))
            .unwrap_or(true)
    }

    fn on_page_load(&mut self, webview: &Webview<Wry>, payload: &PageLoadPayload<'_>) {
        self.contained(|plugin| plugin.on_page_load(webview, payload));
    }

    fn on_event(&mut self, app: &AppHandle<Wry>, event: &RunEvent) {
        self.contained(|plugin| plugin.on_event(app, event));
    }

    fn extend_api(&mut self, invoke: Invoke<Wry>) -> bool {
        let refused = self.refuse.as_ref().and_then(|refuse| {
            let message = &invoke.message;
            refuse(message.command(), message.payload())
        });
        if let Some(why) = refused {
            invoke.resolver.reject(why);
            return true;
        }
        let take = self.take.take();
        let done = self.contained(|plugin| {
            let left = match &take {
                Some(take) => take(invoke),
                None => Some(invoke),
            };
            left.is_none_or(|invoke| plugin.extend_api(invoke))
        });
        self.take = take;
        done.unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_nul_is_found_wherever_it_is() {
        for body in [
            json!("\0"),
            json!({"a": [1, {"b": "x\0"}]}),
            json!({"\0": 1}),
        ] {
            assert!(refuse_nul("message", &InvokeBody::Json(body)).is_some());
        }
        let fine = json!({"a": ["text", null, 1.5, true]});
        assert_eq!(refuse_nul("message", &InvokeBody::Json(fine)), None);
        assert_eq!(refuse_nul("message", &InvokeBody::Raw(vec![0])), None);
    }
}
