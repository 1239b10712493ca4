//! Sends events to some windows only.
//!
//! Tauri's own way delivers every event to all listeners that name no target, in whichever window
//! they are.

use serde_json::json;
use tauri::{EventTarget, Manager as _, Runtime};

use super::listening;
use crate::ipc::json::expression;

/// The names under which Tauri keeps a page's listeners, and the function that runs them.
const LISTENERS: &str = "__internal_unstable_listeners_object_id__";
const RUN: &str = "__internal_unstable_listeners_function_id__";

/// Which listeners receive an event, besides those that name no target.
pub(crate) enum Audience {
    All,
    Targets(Vec<EventTarget>),
}

impl Audience {
    /// The listeners that Tauri's `emit_to(target)` is for.
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

    pub(crate) fn takes_in(&self, target: &EventTarget) -> bool {
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

/// Sends an event to the pages of the windows that `has_room` accepts, and to the Python listeners
/// of the app and of the windows that `reaches` accepts. `json` is JSON text.
pub(crate) fn deliver<R: Runtime>(
    app: &tauri::AppHandle<R>,
    event: &str,
    json: &str,
    audience: &Audience,
    has_room: impl Fn(&str) -> bool,
    reaches: impl Fn(&str) -> bool,
) -> tauri::Result<()> {
    let script = script(event, json, audience);
    let windows = app.webview_windows();
    let pages = windows.iter().filter(|(label, _)| has_room(label));
    let sent = pages.map(|(_, page)| page.eval(&script));
    let sent: Vec<_> = sent.collect();
    listening::tell(event, json, |target| {
        label_of(target).is_none_or(&reaches) && audience.takes_in(target)
    });
    sent.into_iter().collect()
}

/// Sends an event to all listeners in or on the window `label`, and to nobody else.
pub(crate) fn deliver_within<R: Runtime>(
    app: &tauri::AppHandle<R>,
    label: &str,
    event: &str,
    json: &str,
) -> tauri::Result<()> {
    let audience = Audience::of(EventTarget::labeled(label));
    let own = |other: &str| other == label;
    deliver(app, event, json, &audience, own, own)
}

/// Whether a listener for `target` receives what is for all listeners in or on the window `label`.
pub(crate) fn is_within(target: &EventTarget, label: &str) -> bool {
    let audience = Audience::of(EventTarget::labeled(label));
    label_of(target).is_none_or(|other| other == label) && audience.takes_in(target)
}

/// The script that runs the listeners on a page, like Tauri's own script does.
fn script(event: &str, payload: &str, audience: &Audience) -> String {
    let (event, audience) = (json!(event), audience.to_json());
    let payload = expression(payload);
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
