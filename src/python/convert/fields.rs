//! Reads the values of a dictionary by name, as of a `TypedDict`.

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::PyDict,
};

/// What is left of a dictionary while its values are taken.
pub(crate) struct Fields<'py> {
    what: &'static str,
    left: Bound<'py, PyDict>,
}

impl<'py> Fields<'py> {
    /// `what` is named in errors. `TypeError`: it is no dictionary.
    pub(crate) fn of(what: &'static str, object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let Ok(given) = object.cast::<PyDict>() else {
            let kind = object.get_type().name()?;
            return Err(PyTypeError::new_err(format!(
                "expected a dictionary, `{what}`, got {kind}"
            )));
        };
        let left = given.copy()?;
        Ok(Self { what, left })
    }

    /// Takes a value. `None` where it is `None`, or not there.
    pub(crate) fn take<T>(&self, name: &str) -> PyResult<Option<T>>
    where
        T: for<'a> FromPyObject<'a, 'py>,
    {
        let Some(value) = self.left.get_item(name)? else {
            return Ok(None);
        };
        self.left.del_item(name)?;
        if value.is_none() {
            return Ok(None);
        }
        let value = value.extract::<T>().map_err(Into::into);
        value.map(Some).map_err(|error| self.named(name, error))
    }

    /// Takes a value. `TypeError` where it is `None`, or not there.
    pub(crate) fn require<T>(&self, name: &str) -> PyResult<T>
    where
        T: for<'a> FromPyObject<'a, 'py>,
    {
        self.take(name)?
            .ok_or_else(|| PyTypeError::new_err(format!("`{}` needs the key `{name}`", self.what)))
    }

    /// `TypeError` if there are others than those that were taken.
    pub(crate) fn end(self) -> PyResult<()> {
        let unknown: Vec<String> = self.left.keys().iter().map(|key| key.to_string()).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown = unknown.join("`, `");
        Err(PyTypeError::new_err(format!(
            "`{}` has no key `{unknown}`",
            self.what
        )))
    }

    /// Adds to a conversion error which key it is about.
    fn named(&self, name: &str, error: PyErr) -> PyErr {
        let py = self.left.py();
        let text = format!("`{name}` of `{}`: {}", self.what, error.value(py));
        if error.is_instance_of::<PyValueError>(py) {
            PyValueError::new_err(text)
        } else {
            PyTypeError::new_err(text)
        }
    }
}
