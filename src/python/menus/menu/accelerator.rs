//! Reads accelerators, the keys that choose an item.

use muda::accelerator::{Accelerator as Parsed, AcceleratorParseError as Wrong};
use pyo3::{exceptions::PyValueError, prelude::*};

/// What an error repeats of an accelerator.
const LONGEST: usize = 100;

/// An accelerator as an argument, such as `"CmdOrCtrl+S"`. Tauri ignores one that it cannot read.
pub(super) struct Accelerator(pub(super) String);

impl FromPyObject<'_, '_> for Accelerator {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let text: String = object.extract()?;
        match text.parse::<Parsed>() {
            Ok(_) => Ok(Self(text)),
            Err(_) if text.len() > LONGEST => Err(PyValueError::new_err(format!(
                "a text of {} bytes is not an accelerator such as \"CmdOrCtrl+Shift+S\"",
                text.len()
            ))),
            Err(wrong) => Err(PyValueError::new_err(format!(
                "{text:?} is not an accelerator such as \"CmdOrCtrl+Shift+S\": {}",
                reason(&wrong)
            ))),
        }
    }
}

fn reason(wrong: &Wrong) -> String {
    match wrong {
        Wrong::UnsupportedKey(key) => format!("there is no key {key:?}"),
        Wrong::EmptyToken(_) => "something is missing beside a `+`".into(),
        Wrong::InvalidFormat(_) => {
            "before its one key stand modifiers, of Ctrl, Shift, Alt, Super, Cmd and CmdOrCtrl"
                .into()
        }
    }
}

/// Gives an item its accelerator by `set`. For the UI thread.
pub(super) fn set(
    accelerator: Option<Accelerator>,
    set: impl FnOnce(Option<&str>) -> tauri::Result<()>,
) -> PyResult<()> {
    let text = accelerator.map(|it| it.0);
    set(text.as_deref()).map_err(|_| {
        PyValueError::new_err(format!(
            "no menu of this system has the key of {:?}",
            text.unwrap_or_default()
        ))
    })
}
