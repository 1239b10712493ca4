//! Runs a script in the page of a window and hands over its value, or what it threw.
//!
//! The script is part of the text that the webview runs, and not an argument of `eval`, which a
//! page's Content-Security-Policy may forbid. No client of Transom has to be on the page.

#[cfg(target_os = "linux")]
use std::panic::{AssertUnwindSafe, catch_unwind};

use tauri::{Runtime, WebviewWindow};

use crate::ipc::{PageCallError, PageCallResult};

/// Declares `transom`, with which the script is run.
const RUNNER: &str = include_str!("../../../evaluation-iife.js");
/// The longest outcome in bytes. The runner keeps to less; the page may have got at it.
const LONGEST: usize = 256 * 1024 * 1024;

/// Receives the outcome, at most once, on the UI thread or on the one that lets it go.
pub(crate) struct EvaluationCallback(Option<Box<dyn FnOnce(PageCallResult) + Send>>);

impl EvaluationCallback {
    pub(crate) fn new(answer: impl FnOnce(PageCallResult) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    fn give(mut self, result: PageCallResult) {
        if let Some(answer) = self.0.take() {
            answer(result);
        }
    }
}

impl Drop for EvaluationCallback {
    /// The webview that had it is gone.
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(Err(PageCallError::Closed));
        }
    }
}

/// Runs `script`, an expression, in the document that the window shows, or waits for its first one.
#[cfg(target_os = "linux")]
pub(crate) fn evaluate<R: Runtime>(
    window: &WebviewWindow<R>,
    script: &str,
    answer: EvaluationCallback,
) -> tauri::Result<()> {
    let text = format!("{RUNNER}\nreturn await transom.evaluated(async () => (\n{script}\n));");
    window.with_webview(move |platform| {
        let run = AssertUnwindSafe(|| webkit::run(&platform.inner(), text, answer));
        if catch_unwind(run).is_err() {
            log::error!("a script was not run: the webview panicked");
        }
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn evaluate<R: Runtime>(
    window: &WebviewWindow<R>,
    script: &str,
    answer: EvaluationCallback,
) -> tauri::Result<()> {
    use std::sync::{Mutex, PoisonError};

    let text = format!(
        "(() => {{\n{RUNNER}\nreturn transom.evaluatedAtOnce(() => (\n{script}\n));\n}})()"
    );
    let answer = Mutex::new(Some(answer));
    window.eval_with_callback(text, move |outcome| {
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(answer) = answer {
            // The webview gives nothing for what it could not run.
            let outcome = serde_json::from_str(&outcome);
            let outcome =
                outcome.unwrap_or_else(|_| thrown("SyntaxError", "the script has not run"));
            answer.give(read(outcome));
        }
    })
}

/// Reads what the runner has written.
fn read(outcome: String) -> PageCallResult {
    if outcome.len() > LONGEST {
        return Err(PageCallError::Thrown(error(
            "RangeError",
            "the result is too long",
        )));
    }
    let mut rest = outcome.chars();
    match rest.next() {
        Some('v') => Ok(rest.as_str().to_owned()),
        Some('t') => Err(PageCallError::Thrown(rest.as_str().to_owned())),
        _ => Err(PageCallError::Thrown(error(
            "Error",
            "the page has answered with something else than the script's result",
        ))),
    }
}

/// An error as the runner describes those of scripts.
fn error(name: &str, message: &str) -> String {
    serde_json::json!({"name": name, "message": message}).to_string()
}

#[cfg(not(target_os = "linux"))]
fn thrown(name: &str, message: &str) -> String {
    format!("t{}", error(name, message))
}

#[cfg(target_os = "linux")]
mod webkit {
    use std::{cell::RefCell, rc::Rc};

    use javascriptcore::ValueExt as _;
    use webkit2gtk::{
        BackForwardListExt as _, LoadEvent, WebView, WebViewExt as _,
        gio::Cancellable,
        glib::{Error, ObjectExt as _},
    };

    use super::{EvaluationCallback, error, read};
    use crate::ipc::{PageCallError, PageCallResult};

    /// Runs `text`, the body of an asynchronous function. For the UI thread.
    pub(super) fn run(webview: &WebView, text: String, answer: EvaluationCallback) {
        let shown = webview
            .back_forward_list()
            .and_then(|all| all.current_item());
        if shown.is_some() || !webview.is_loading() {
            return run_now(webview, &text, answer);
        }
        // Until the first document has come, there is an empty one that ends with it.
        let waiting = Rc::new(RefCell::new(Some((text, answer))));
        let number = Rc::new(RefCell::new(None));
        let own = Rc::clone(&number);
        let handler = webview.connect_load_changed(move |webview, event| {
            if event != LoadEvent::Committed && event != LoadEvent::Finished {
                return;
            }
            if let Some((text, answer)) = waiting.borrow_mut().take() {
                run_now(webview, &text, answer);
            }
            if let Some(number) = own.borrow_mut().take() {
                webview.disconnect(number);
            }
        });
        *number.borrow_mut() = Some(handler);
    }

    fn run_now(webview: &WebView, text: &str, answer: EvaluationCallback) {
        let nothing = None::<&Cancellable>;
        webview.call_async_javascript_function(text, None, None, None, nothing, |outcome| {
            answer.give(match outcome {
                Ok(value) => read(value.to_str().into()),
                Err(failed) => refused(&failed),
            });
        });
    }

    /// Why there is no outcome. What the script throws, the runner has caught.
    fn refused(failed: &Error) -> PageCallResult {
        let text = failed.message();
        Err(match text.split_once("SyntaxError: ") {
            Some((_, why)) => PageCallError::Thrown(error("SyntaxError", why)),
            // The document is gone, and with it what would have kept the promise.
            None => PageCallError::Closed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_a_value_or_an_error() {
        assert_eq!(read("v[1]".into()), Ok("[1]".into()));
        let thrown = Err(PageCallError::Thrown("{}".into()));
        assert_eq!(read("t{}".into()), thrown);
        for nonsense in ["", "undefined", "\u{1f600}"] {
            assert!(matches!(
                read(nonsense.into()),
                Err(PageCallError::Thrown(_))
            ));
        }
    }
}
