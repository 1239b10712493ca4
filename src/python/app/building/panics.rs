//! Turns panics of Tauri into Python errors while an app starts.

use std::{
    any::Any,
    cell::Cell,
    panic::{self, AssertUnwindSafe, catch_unwind},
    sync::Once,
};

use pyo3::{PyErr, exceptions::PyRuntimeError};

thread_local! {
    /// Whether panics of this thread are not printed, because they become errors.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}
static HOOK: Once = Once::new();

/// Runs `f`. A panic in it becomes a `RuntimeError` with its text. Until [`speak_up`] it is not
/// printed, so Rust's advice to look at a backtrace is not shown either.
pub(crate) fn caught<T>(f: impl FnOnce() -> T) -> Result<T, PyErr> {
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
    done.map_err(|panicked| PyRuntimeError::new_err(text_of(panicked.as_ref())))
}

/// Prints panics again from here on, because the app has started.
pub(crate) fn speak_up() {
    QUIET.set(false);
}

fn text_of(panicked: &(dyn Any + Send)) -> String {
    let text = panicked.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panicked.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("Tauri panicked and did not say why");
    format!("the app cannot run: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        assert_eq!(caught(|| 1).ok(), Some(1));
        let text = catch_unwind(|| panic::panic_any("no display"))
            .err()
            .map(|it| text_of(it.as_ref()));
        assert_eq!(text.as_deref(), Some("the app cannot run: no display"));
    }
}
