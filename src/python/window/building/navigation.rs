//! Decides whether a page may navigate, open a window or download a file.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
};

use pyo3::{IntoPyObject, exceptions::PyTypeError, prelude::*, types::PyTuple};
use tauri::Url;

use super::url_policy::Gate;

/// Decides whether a window may go to an address. Without rules every address is allowed.
#[derive(Debug, Default)]
pub(crate) struct Navigation {
    pub(crate) gate: Gate,
    /// Whether the window's first address, which the host chose, has been asked for.
    begun: AtomicBool,
}

impl Navigation {
    /// Whether an address is allowed. If Python does not answer in time, it is denied, except for
    /// the window's first address.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        let first = !self.begun.swap(true, Ordering::Relaxed);
        if self.gate.names(url.as_str()) || (first && self.gate.has_rules()) {
            return true;
        }
        let answer = ask_yes_or_no(&self.gate, "on_navigation", url);
        answer.unwrap_or(first)
    }
}

/// Whether the page may open a window with this address.
pub(crate) fn allows_new_window(gate: &Gate, url: &Url) -> bool {
    gate.names(url.as_str()) || ask_yes_or_no(gate, "on_new_window", url) == Some(true)
}

fn ask_yes_or_no(gate: &Gate, what: &'static str, url: &Url) -> Option<bool> {
    let url = url.to_string();
    let read = move |answer: &Bound<'_, PyAny>| {
        let text = || PyTypeError::new_err(format!("`{what}` must return a bool"));
        answer.extract::<bool>().map_err(|_| text())
    };
    gate.ask(what, move |py| PyTuple::new(py, [url]), read)
}

/// Whether the page may download this. `destination` is where to, and may be changed.
pub(crate) fn allows_download(gate: &Gate, url: &Url, destination: &mut PathBuf) -> bool {
    if gate.names(url.as_str()) {
        return true;
    }
    let (url, suggested) = (url.to_string(), destination.clone());
    let answer = gate.ask(
        "on_download",
        move |py| (url, suggested).into_pyobject(py),
        read_destination,
    );
    match answer {
        Some(Destination::Suggested) => true,
        Some(Destination::At(path)) => {
            *destination = path;
            true
        }
        Some(Destination::Nowhere) | None => false,
    }
}

enum Destination {
    Nowhere,
    Suggested,
    At(PathBuf),
}

fn read_destination(answer: &Bound<'_, PyAny>) -> PyResult<Destination> {
    if let Ok(yes) = answer.extract::<bool>() {
        return Ok(if yes {
            Destination::Suggested
        } else {
            Destination::Nowhere
        });
    }
    match answer.extract::<PathBuf>() {
        Ok(path) if path.is_absolute() => Ok(Destination::At(path)),
        _ => Err(PyTypeError::new_err(
            "`on_download` must return a bool or an absolute path",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        match Url::parse(text) {
            Ok(url) => url,
            Err(err) => panic!("{text}: {err}"),
        }
    }

    #[test]
    fn the_first_address_is_the_hosts_own() {
        let navigation = Navigation {
            gate: Gate::of(&["https://docs.example/*"]),
            ..Navigation::default()
        };
        assert!(navigation.allows(&url("tauri://localhost/")));
        assert!(!navigation.allows(&url("https://elsewhere.example/")));
        assert!(navigation.allows(&url("https://docs.example/a")));
    }

    #[test]
    fn what_no_rule_names_is_denied() {
        let gate = Gate::of(&["https://docs.example/*"]);
        let mut path = PathBuf::from("/downloads/a");
        assert!(allows_new_window(&gate, &url("https://docs.example/a")));
        assert!(!allows_new_window(
            &gate,
            &url("https://elsewhere.example/")
        ));
        assert!(allows_download(
            &gate,
            &url("https://docs.example/a"),
            &mut path
        ));
        assert!(!allows_download(
            &gate,
            &url("https://elsewhere.example/"),
            &mut path
        ));
    }
}
