//! Checks the names of events.

use pyo3::{exceptions::PyValueError, prelude::*};

fn is_valid(event: &str) -> bool {
    event
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | ':' | '_'))
}

/// `ValueError` for a name that Tauri would panic on.
pub(crate) fn check_event_name(event: &str) -> PyResult<()> {
    if is_valid(event) {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "event name {event:?} may contain only letters, digits, `-`, `/`, `:` and `_`"
    )))
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn names() {
        assert!(is_valid("tauri://close-requested"));
        assert!(is_valid("größe_2"));
        assert!(!is_valid("two words"));
        assert!(!is_valid("it's"));
    }
}
