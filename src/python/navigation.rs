//! May a window go to this address? Answered on the UI thread, by rules in Rust or by Python
//! off that thread within a bound.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use glob::Pattern;
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::PyTuple,
};
use tauri::Url;

use super::callback::{Callback, Done};

/// How long the UI thread waits for Python's answer.
const PATIENCE: Duration = Duration::from_millis(100);

/// The rules of one window. With neither form given, every address is allowed.
#[derive(Debug, Default)]
pub(crate) struct Navigation {
    allowed: Option<Vec<Pattern>>,
    callback: Option<Callback>,
    /// The window's own first address, which the host chose, has been asked for.
    begun: AtomicBool,
}

impl Navigation {
    pub(crate) fn set_callback(&mut self, callback: &Bound<'_, PyAny>) -> PyResult<()> {
        self.callback = Some(Callback::new(callback)?);
        Ok(())
    }

    /// `globs`: patterns of whole URLs, in which `*` also matches `/`.
    pub(crate) fn set_allowed(&mut self, globs: &Bound<'_, PyAny>) -> PyResult<()> {
        let globs: Vec<String> = globs.extract()?;
        let patterns = globs.iter().map(|glob| {
            Pattern::new(glob).map_err(|err| {
                PyValueError::new_err(format!(
                    "`allow_navigation` has the bad glob {glob:?}: {err}"
                ))
            })
        });
        self.allowed = Some(patterns.collect::<PyResult<_>>()?);
        Ok(())
    }

    pub(crate) fn is_set(&self) -> bool {
        self.allowed.is_some() || self.callback.is_some()
    }

    /// Called on the UI thread; takes no GIL. Denies when Python does not answer in time, except
    /// for the window's own first address.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        let first = !self.begun.swap(true, Ordering::Relaxed);
        if let Some(allowed) = &self.allowed
            && (first || allowed.iter().any(|glob| glob.matches(url.as_str())))
        {
            return true;
        }
        match &self.callback {
            Some(callback) => ask(callback, url).unwrap_or(first),
            None => false,
        }
    }
}

/// `None` when there is no answer in time, or none that is a `bool`.
fn ask(callback: &Callback, url: &Url) -> Option<bool> {
    let (answer, answered) = mpsc::sync_channel(1);
    let text = url.to_string();
    let done = Done::new(move |value| {
        let value = value.map(|value| (value.extract::<bool>(), value.py()));
        if let Some((Err(_), py)) = &value {
            let err = PyTypeError::new_err("an `on_navigation` callback must return a bool");
            super::callbacks::log_exception(*py, "a navigation was denied", &err);
        }
        // Nobody waits any more: the answer came too late.
        let _ = answer.send(value.and_then(|(value, _)| value.ok()));
    });
    callback.post(None, move |py| PyTuple::new(py, [text]), Some(done));
    match answered.recv_timeout(PATIENCE) {
        Ok(answer) => Some(answer.unwrap_or(false)),
        Err(_) => {
            log::warn!("`on_navigation` did not answer for {url} within {PATIENCE:?}");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(globs: &[&str]) -> Navigation {
        Navigation {
            allowed: Some(
                globs
                    .iter()
                    .filter_map(|glob| Pattern::new(glob).ok())
                    .collect(),
            ),
            begun: AtomicBool::new(true),
            ..Navigation::default()
        }
    }

    fn url(text: &str) -> Url {
        match Url::parse(text) {
            Ok(url) => url,
            Err(err) => panic!("{text}: {err}"),
        }
    }

    #[test]
    fn only_what_a_glob_names_is_allowed() {
        let rules = rules(&["https://docs.example/*"]);
        assert!(rules.allows(&url("https://docs.example/a/b?c#d")));
        assert!(!rules.allows(&url("https://docs.example.evil/")));
        assert!(!rules.allows(&url("http://docs.example/")));
    }

    #[test]
    fn the_first_address_is_the_hosts_own() {
        let rules = Navigation {
            allowed: Some(Vec::new()),
            ..Navigation::default()
        };
        assert!(rules.allows(&url("tauri://localhost/")));
        assert!(!rules.allows(&url("https://elsewhere.example/")));
    }
}
