//! Events for some windows only. Tauri's own way brings every event to every listener that names
//! no target, in whatever window it is.

use serde_json::json;
use tauri::{EventTarget, Manager as _, Runtime};

use super::listener;

/// The names under which Tauri keeps a page's listeners, and the function that runs them.
const LISTENERS: &str = "__internal_unstable_listeners_object_id__";
const RUN: &str = "__internal_unstable_listeners_function_id__";

/// Which listeners hear an event, beside those that name no target.
pub(crate) enum Audience {
    All,
    Targets(Vec<EventTarget>),
}

impl Audience {
    /// Whom Tauri's `emit_to(target)` is for.
    pub(crate) fn of(target: EventTarget) -> Self {
        let any = |label: &str| EventTarget::labeled(label);
        Self::Targets(match target {
            EventTarget::Any => return Self::All,
            EventTarget::AnyLabel { label } => {
                let targets = super::event_target::EventTarget::labelled(&label);
                targets.into_iter().map(Into::into).collect()
            }
            EventTarget::Window { ref label }
            | EventTarget::Webview { ref label }
            | EventTarget::WebviewWindow { ref label } => vec![any(label), target],
            target => vec![target],
        })
    }

    fn takes_in(&self, target: &EventTarget) -> bool {
        match self {
            Self::All => true,
            Self::Targets(targets) => *target == EventTarget::Any || targets.contains(target),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        match self {
            Self::All => json!(null),
            Self::Targets(targets) => json!(targets),
        }
    }
}

/// The label in a target.
pub(crate) fn label_of(target: &EventTarget) -> Option<&str> {
    match target {
        EventTarget::AnyLabel { label }
        | EventTarget::Window { label }
        | EventTarget::Webview { label }
        | EventTarget::WebviewWindow { label } => Some(label),
        _ => None,
    }
}

/// Brings an event to the pages of the windows that `reaches` names, and to the Python listeners
/// of the app and of those windows. `json` is JSON text.
pub(crate) fn deliver<R: Runtime>(
    app: &tauri::AppHandle<R>,
    event: &str,
    json: &str,
    audience: &Audience,
    reaches: impl Fn(&str) -> bool,
) -> tauri::Result<()> {
    let script = script(event, json, audience);
    let windows = app.webview_windows();
    let pages = windows.iter().filter(|(label, _)| reaches(label));
    let sent = pages.map(|(_, page)| page.eval(&script));
    let sent: Vec<_> = sent.collect();
    listener::tell(event, json, |target| {
        label_of(target).is_none_or(&reaches) && audience.takes_in(target)
    });
    sent.into_iter().collect()
}

/// Brings an event to all that listen in or on the window `label`, and to nobody else.
pub(crate) fn deliver_within<R: Runtime>(
    app: &tauri::AppHandle<R>,
    label: &str,
    event: &str,
    json: &str,
) -> tauri::Result<()> {
    let audience = Audience::of(EventTarget::labeled(label));
    deliver(app, event, json, &audience, |other| other == label)
}

/// What runs the listeners on a page, as Tauri's own script does for those it has chosen.
fn script(event: &str, payload: &str, audience: &Audience) -> String {
    let (event, audience) = (json!(event), audience.to_json());
    format!(
        "(() => {{
  const listeners = window['{LISTENERS}']?.[{event}];
  const audience = {audience};
  const isSame = (a) => (b) => a.kind === b.kind && a.label === b.label;
  const hears = ({{target, handlerId}}) =>
    (window.__TAURI_INTERNALS__.callbacks?.has(handlerId) ?? true)
    && (!audience || target.kind === 'Any' || audience.some(isSame(target)));
  const ids = Object.getOwnPropertyNames(listeners ?? {{}}).filter((id) => hears(listeners[id]));
  if (ids.length) window['{RUN}']?.({{event: {event}, payload: {payload}}}, ids);
}})()"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_whom_tauri_would_tell() {
        let window = Audience::of(EventTarget::window("main"));
        assert!(window.takes_in(&EventTarget::Any));
        assert!(window.takes_in(&EventTarget::window("main")));
        assert!(window.takes_in(&EventTarget::labeled("main")));
        assert!(!window.takes_in(&EventTarget::webview("main")));
        assert!(!window.takes_in(&EventTarget::window("other")));
        let label = Audience::of(EventTarget::labeled("main"));
        assert!(label.takes_in(&EventTarget::webview("main")));
        assert!(!label.takes_in(&EventTarget::App));
        assert!(Audience::of(EventTarget::App).takes_in(&EventTarget::App));
        assert!(Audience::of(EventTarget::Any).takes_in(&EventTarget::webview("any")));
    }
}
