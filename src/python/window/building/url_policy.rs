//! Decides whether a page may use an address, on the UI thread, by patterns or a Python callback.
//!
//! The callback runs on another thread. The UI thread waits for it, for a limited time.

use std::{sync::mpsc, time::Duration};

use glob::Pattern;
use pyo3::{exceptions::PyValueError, prelude::*, types::PyTuple};

use crate::python::callbacks::{callback::Callback, errand::Done, threads};

/// How long the UI thread waits for Python's answer.
const PATIENCE: Duration = Duration::from_millis(100);

/// The rules for one kind of request. There are none unless a pattern or a callback is set.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    allowed: Option<Vec<Pattern>>,
    callback: Option<Callback>,
}

impl Gate {
    pub(crate) fn set_callback(&mut self, callback: &Bound<'_, PyAny>) -> PyResult<()> {
        self.callback = Some(Callback::new(callback)?);
        Ok(())
    }

    /// Sets the allowed URLs. `globs` are patterns of whole URLs, in which `*` also matches `/`.
    pub(crate) fn set_allowed(&mut self, globs: &Bound<'_, PyAny>) -> PyResult<()> {
        let globs: Vec<String> = globs.extract()?;
        let patterns = globs.iter().map(|glob| {
            Pattern::new(glob)
                .map_err(|err| PyValueError::new_err(format!("a bad glob {glob:?}: {err}")))
        });
        self.allowed = Some(patterns.collect::<PyResult<_>>()?);
        Ok(())
    }

    pub(crate) fn is_set(&self) -> bool {
        self.allowed.is_some() || self.callback.is_some()
    }

    pub(crate) fn has_rules(&self) -> bool {
        self.allowed.is_some()
    }

    /// Whether a pattern matches the address.
    pub(crate) fn names(&self, url: &str) -> bool {
        self.allowed.iter().flatten().any(|glob| glob.matches(url))
    }

    /// Asks the callback. Called on the UI thread, without the GIL.
    ///
    /// `None`: there is no callback, no answer in time, or none that `read` accepts.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        what: &'static str,
        args: impl for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyTuple>> + Send + 'static,
        read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T> + Send + 'static,
    ) -> Option<T> {
        let callback = self.callback.as_ref()?;
        let (answer, answered) = mpsc::sync_channel(1);
        let done = Done::new(move |value| {
            let value = value.and_then(|value| {
                let read = read(value);
                read.inspect_err(|err| {
                    let text = format!("what `{what}` returned counts as a denial");
                    threads::log_exception(value.py(), &text, err);
                })
                .ok()
            });
            // Nobody waits any more: the answer came too late.
            let _ = answer.send(value);
        });
        callback.post(None, args, Some(done));
        answered.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            log::warn!("`{what}` did not answer within {PATIENCE:?}, which counts as a denial");
            None
        })
    }
}

#[cfg(test)]
impl Gate {
    pub(crate) fn of(globs: &[&str]) -> Self {
        let patterns = globs.iter().filter_map(|glob| Pattern::new(glob).ok());
        Self {
            allowed: Some(patterns.collect()),
            callback: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_glob_names_is_allowed() {
        let gate = Gate::of(&["https://docs.example/*"]);
        assert!(gate.names("https://docs.example/a/b?c#d"));
        assert!(!gate.names("https://docs.example.evil/"));
        assert!(!gate.names("http://docs.example/"));
        assert!(!Gate::default().names("https://docs.example/"));
    }
}
