//! Panics of Tauri's, as errors: it panics where an app cannot start.

use std::{
    any::Any,
    cell::Cell,
    panic::{self, AssertUnwindSafe, catch_unwind},
    sync::Once,
};

use pyo3::{PyErr, exceptions::PyRuntimeError};

thread_local! {
    /// Whether a panic of this thread is nobody's news but an error's.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}
static HOOK: Once = Once::new();

/// Runs `f`. A panic in it is a `RuntimeError` with its text, and is not printed, before
/// [`speak_up`], with Rust's advice to look at a backtrace.
pub(super) fn caught<T>(f: impl FnOnce() -> T) -> Result<T, PyErr> {
    HOOK.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if !QUIET.get() {
                print(panicked);
            }
        }));
    });
    QUIET.set(true);
    let done = catch_unwind(AssertUnwindSafe(f));
    QUIET.set(false);
    done.map_err(|panicked| error_of(panicked.as_ref()))
}

/// From here on a panic is printed again: the app has started.
pub(super) fn speak_up() {
    QUIET.set(false);
}

fn error_of(panicked: &(dyn Any + Send)) -> PyErr {
    let text = panicked.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panicked.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("Tauri panicked and did not say why");
    PyRuntimeError::new_err(format!("the app cannot run: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        assert_eq!(caught(|| 1).ok(), Some(1));
        let panicked = |text: &'static str| catch_unwind(move || panic::panic_any(text)).err();
        let text = panicked("no display").map(|it| error_of(it.as_ref()).to_string());
        assert!(text.is_some_and(|it| it.contains("the app cannot run: no display")));
    }
}
